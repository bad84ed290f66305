// Loaded into hubkeep with LD_PRELOAD: the certificates that OpenSSL looks for one by one in the system's
// folder, HASH.0 below /etc/ssl/certs, are those of the folder CA_FOLDER. The bundle stays the system's.

#include <dlfcn.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cstdlib>
#include <string>
#include <string_view>

namespace {

constexpr std::string_view kSystemFolder = "/etc/ssl/certs/";

std::string moved(const char* path) {
  const char* const folder = std::getenv("CA_FOLDER");
  const std::string_view asked = path;
  if (folder == nullptr || !asked.starts_with(kSystemFolder) || !asked.ends_with(".0")) return path;
  return std::string(folder) + "/" + std::string(asked.substr(kSystemFolder.size()));
}

template <typename Function>
Function* next_in_line(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

int stat(const char* path, struct stat* status) {
  static auto* const next = next_in_line<int(const char*, struct stat*)>("stat");
  return next(moved(path).c_str(), status);
}

FILE* fopen(const char* path, const char* mode) {
  static auto* const next = next_in_line<FILE*(const char*, const char*)>("fopen");
  return next(moved(path).c_str(), mode);
}

FILE* fopen64(const char* path, const char* mode) {
  static auto* const next = next_in_line<FILE*(const char*, const char*)>("fopen64");
  return next(moved(path).c_str(), mode);
}

}  // extern "C"
