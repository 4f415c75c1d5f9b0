#include "tsdb/head/ordered_hash_table.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace tidemark::tsdb {
namespace {

struct Slot {
  uint32_t key = 0, value = 0;  // a value of 0 for none
  bool is_empty() const { return value == 0; }
  uint32_t hash() const { return key; }
};

std::multimap<uint32_t, uint32_t> Contents(const OrderedHashTable<Slot>& table,
                                           const std::multimap<uint32_t, uint32_t>& candidates) {
  std::multimap<uint32_t, uint32_t> found;
  for (const auto& [key, value] : candidates) {
    const auto matches = [value = value](const Slot& slot) { return slot.value == value; };
    if (const Slot* slot = table.Find(key, matches)) found.emplace(slot->key, slot->value);
  }
  return found;
}

TEST(OrderedHashTableTest, FindsWhatAMultimapFinds) {
  struct Case {
    std::string_view name;
    uint32_t mask;  // of the hashes
  };
  constexpr Case kCases[] = {
      {"evenly spread", 0xffff'ffff},
      {"many in one place", 0xf000'0003},
      {"all in front", 0xff},
  };
  const uint64_t seed = std::random_device()();
  for (const Case& c : kCases) {
    SCOPED_TRACE(testing::Message() << c.name << ", seed " << seed);
    std::mt19937_64 random(seed);
    OrderedHashTable<Slot> table;
    std::multimap<uint32_t, uint32_t> model, all;
    for (uint32_t value = 1; value <= 3000; ++value) {
      const uint32_t key = static_cast<uint32_t>(random()) & c.mask;
      table.Add({key, value});
      model.emplace(key, value);
      all.emplace(key, value);
      if (random() % 4 != 0) continue;
      const auto it = model.lower_bound(static_cast<uint32_t>(random()) & c.mask);
      if (it == model.end()) continue;
      const uint32_t gone = it->second;
      table.Erase(table.Find(it->first, [&](const Slot& slot) { return slot.value == gone; }));
      model.erase(it);
      if (value % 500 != 0) continue;
      table.EraseIf([](const Slot& slot) { return slot.value % 3 == 0; });
      std::erase_if(model, [](const auto& entry) { return entry.second % 3 == 0; });
    }
    EXPECT_EQ(table.size(), model.size());
    EXPECT_EQ(Contents(table, all), model);
  }
}

TEST(OrderedHashTableTest, TakesATenthToAHalfMoreThanItsSlots) {
  std::mt19937 random(42);
  OrderedHashTable<Slot> table;
  for (uint32_t size = 1; size <= 100'000; ++size) {
    table.Add({static_cast<uint32_t>(random()), size});
    if (size < 1000) continue;
    const auto bytes = static_cast<double>(size * sizeof(Slot));
    ASSERT_GT(static_cast<double>(table.bytes()), 1.1 * bytes) << size;
    ASSERT_LT(static_cast<double>(table.bytes()), 1.5 * bytes) << size;
  }
}

TEST(OrderedHashTableTest, AnEmptyOneFindsNothing) {
  OrderedHashTable<Slot> table;
  const auto any = [](const Slot&) { return true; };
  EXPECT_EQ(table.Find(7, any), nullptr);
  table.Add({7, 1});
  table.Erase(table.Find(7, any));
  EXPECT_EQ(table.Find(7, any), nullptr);
  EXPECT_EQ(table.size(), 0u);
}

}  // namespace
}  // namespace tidemark::tsdb
