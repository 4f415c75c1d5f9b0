#pragma once

#include <sys/mount.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/strings.h"

namespace tidemark::testing {

// A disk of its own, where this process may mount one: who asks for it skips the test otherwise,
// saying "NOT TESTED". Everything on it is closed before it goes.
class SmallDisk {
 public:
  SmallDisk(const std::string& path, int megabytes) : path_(path), megabytes_(megabytes) {
    std::filesystem::create_directories(path);
    mounted_ =
        mount("none", path.c_str(), "tmpfs", 0, StrCat("size=", megabytes, "m").c_str()) == 0;
  }
  ~SmallDisk() {
    if (mounted_) umount(path_.c_str());
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool mounted() const { return mounted_; }
  const std::string& path() const { return path_; }

  // Takes all the space that is left; and gives it back.
  void Fill() const {
    std::ofstream file(Ballast(), std::ios::binary);
    const std::string block(1 << 20, 'x');
    for (int i = 0; i <= megabytes_ && file.write(block.data(), 1 << 20).flush(); ++i) {
    }
  }
  void Free() const { std::filesystem::remove(Ballast()); }

 private:
  std::string Ballast() const { return path_ + "/ballast"; }

  const std::string path_;
  const int megabytes_;
  bool mounted_ = false;
};

}  // namespace tidemark::testing
