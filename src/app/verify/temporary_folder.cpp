#include "app/verify/temporary_folder.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

namespace penstock::app {

Result<TemporaryFolder> TemporaryFolder::make(const std::string& parent, const std::string& purpose) {
  std::error_code error;
  const std::filesystem::path folder =
      parent.empty() ? std::filesystem::temp_directory_path(error) : std::filesystem::path(parent);
  if (!error && !parent.empty()) std::filesystem::create_directories(folder, error);
  std::string path = (folder / ("penstock-" + purpose + "-XXXXXX")).string();
  if (error || mkdtemp(path.data()) == nullptr)
    return fail(ErrorKind::kConfiguration,
                "no temporary folder can be made in " + folder.string() + ": " +
                    (error ? error.message() : std::strerror(errno)),
                "name a folder with room for the tables' columns: --state-dir FOLDER");
  return TemporaryFolder(std::move(path));
}

TemporaryFolder::TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}

TemporaryFolder& TemporaryFolder::operator=(TemporaryFolder&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace penstock::app
