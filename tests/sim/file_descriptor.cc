#include "sim/file_descriptor.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.h"

namespace hubkeep::sim {

namespace {

int checked(int result, std::string_view what) {
  if (result < 0) throw Error(ErrorKind::internal, fmt::format("{}: {}", what, std::strerror(errno)));
  return result;
}

sockaddr_in socket_address(const std::string& address, int port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(static_cast<std::uint16_t>(port));
  if (inet_pton(AF_INET, address.c_str(), &out.sin_addr) != 1) {
    throw Error(ErrorKind::invalid, address + ": not an IPv4 address");
  }
  return out;
}

}  // namespace

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = other.release();
  }
  return *this;
}

int FileDescriptor::release() {
  return std::exchange(fd_, -1);
}

void FileDescriptor::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Pipe make_pipe() {
  int ends[2];
  checked(::pipe2(ends, O_CLOEXEC), "pipe");
  return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

FileDescriptor memory_file(std::string_view content) {
  FileDescriptor file(checked(::memfd_create("sim", MFD_CLOEXEC), "memfd_create"));
  while (!content.empty()) {
    ssize_t written = ::write(file.get(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    checked(static_cast<int>(written > 0 ? 1 : written), "write");
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  checked(static_cast<int>(::lseek(file.get(), 0, SEEK_SET)), "lseek");
  return file;
}

std::string read_whole(const FileDescriptor& file) {
  std::string out;
  char buffer[65536];
  while (true) {
    ssize_t size = ::pread(file.get(), buffer, sizeof buffer, static_cast<off_t>(out.size()));
    if (size <= 0) return out;
    out.append(buffer, static_cast<std::size_t>(size));
  }
}

FileDescriptor listen_on(const std::string& address, int port) {
  FileDescriptor out(checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  int on = 1;
  checked(::setsockopt(out.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), "setsockopt");
  sockaddr_in where = socket_address(address, port);
  checked(::bind(out.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where), "bind");
  checked(::listen(out.get(), SOMAXCONN), "listen");
  return out;
}

FileDescriptor connect_to(const std::string& address, int port) {
  FileDescriptor out(checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  sockaddr_in where = socket_address(address, port);
  checked(::connect(out.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where), "connect");
  return out;
}

int local_port(const FileDescriptor& socket) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  checked(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size), "getsockname");
  return ntohs(address.sin_port);
}

bool send_all(const FileDescriptor& socket, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t sent = ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string receive_some(const FileDescriptor& socket) {
  std::string buffer(65536, '\0');
  ssize_t size;
  do {
    size = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
  } while (size < 0 && errno == EINTR);
  buffer.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return buffer;
}

void reset_on_close(const FileDescriptor& socket) {
  linger option{1, 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &option, sizeof option);
}

}  // namespace hubkeep::sim
