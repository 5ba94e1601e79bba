// A folder that goes with its owner.
#pragma once

#include <string>

#include "base/result.h"

namespace penstock::app {

class TemporaryFolder {
 public:
  // In `parent`, which is made if it is missing; empty: $TMPDIR, or /tmp. kConfiguration when it cannot be
  // made.
  static Result<TemporaryFolder> make(const std::string& parent, const std::string& purpose = "verify");
  ~TemporaryFolder();
  TemporaryFolder(TemporaryFolder&& other) noexcept;
  TemporaryFolder& operator=(TemporaryFolder&& other) noexcept;

  const std::string& path() const { return path_; }

 private:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;  // empty: moved from
};

}  // namespace penstock::app
