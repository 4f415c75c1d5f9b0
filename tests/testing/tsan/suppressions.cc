// What ThreadSanitizer is told not to report. cpp-httplib's library is not built with it, so the
// guard of a static in a function of the library, the set of HTTP methods it knows, is invisible:
// its first use by one thread and the next by another look like a race. Only what the library
// itself calls is passed over, not our handlers. Likewise RocksDB keeps zstd's contexts from one
// thread's decompression for the next one's: only what zstd does inside is passed over. And its
// references to what readers see (SuperVersion) are counted by atomics that are as invisible: the
// last one to let go frees what another thread's iterator has read. Abseil's is not built with it
// either: the references to the message of an absl::Status that two threads have, and the spin lock
// of its graph of lock orders.
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() {
  return "called_from_lib:libcpp-httplib.so\n"
         "called_from_lib:libzstd.so\n"
         "called_from_lib:libabsl_graphcycles_internal.so\n"
         "race:absl::debian3::Status::Unref\n"
         "race:rocksdb::SuperVersion::~SuperVersion\n";
}
