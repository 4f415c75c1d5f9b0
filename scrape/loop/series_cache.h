#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"

#include "base/io/hash.h"
#include "base/model/series_ref.h"
#include "scrape/expfmt/exposition_parser.h"

namespace tidemark::scrape {

// The series of one target by the bytes that name them in its pages, so that a steady target's
// labels are parsed once; and which of them are alive, to end those that vanish. Pages say the same
// series in the same order scrape after scrape, so the order of the last page is the index: each
// series is looked for where it stood, and a hash table is made only for a scrape that differs.
// 32 bytes a series. One thread.
class SeriesCache {
 public:
  // A series of the page being read.
  struct Entry {
    Hash128 name;      // SeededHash128 of the bytes in the page
    SeriesRef series;  // kNoSeries: relabeling drops it
    uint32_t place;    // in the last page's entries: where the page being read has it
    uint16_t size;     // number of these bytes; 0 where there are more than it counts
    bool alive;        // to be ended with a marker once it vanishes
  };
  struct Found {
    Entry* entry = nullptr;  // null: not known; valid until the next call
    bool repeated = false;   // the page has had it before
  };

  // What the next series is if the page goes on as the last one.
  SeriesName Expected() const {
    return next_ < last_.size() ? SeriesName{last_[next_].name, last_[next_].size} : SeriesName{};
  }
  // Looks up the next series of the page being read and takes note that the page has it.
  Found Find(const Hash128& name);
  // Adds a series that Find did not know, whose name has `size` bytes; not alive yet.
  Entry& Add(const Hash128& name, size_t size, SeriesRef series);

  // Series that were alive after the last page and are not in the one being read, each once.
  std::vector<SeriesRef> Vanished() const;
  // Series that were alive after the last page, each once.
  std::vector<SeriesRef> Alive() const;

  // The page being read is complete and becomes the last page.
  void EndPage();
  // The page being read counts for nothing; the last page stays as it was.
  void DropPage();
  // As DropPage, and no series is alive any more: their markers have been written.
  void EndAll();
  // The labels of series are made by other rules now: every name has to be looked at again.
  void ForgetNames();
  // Forgets everything.
  void Clear();

  size_t size() const { return last_.size(); }

 private:
  Found Take(size_t place);

  std::vector<Entry> last_;  // of the last page, in its order
  std::vector<Entry> page_;  // of the page being read, in its order
  size_t next_ = 0;          // where in last_ the next series is expected
  // Made where the order differs: names in last_; and names added to page_.
  absl::flat_hash_map<Hash128, uint32_t> places_, added_;
};

}  // namespace tidemark::scrape
