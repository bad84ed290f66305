// An owned file descriptor, and the few ways by which the simulator gets one.
#pragma once

#include <string>
#include <string_view>

namespace hubkeep::sim {

class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(other.release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  ~FileDescriptor() { close(); }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  int release();
  void close();

 private:
  int fd_ = -1;
};

struct Pipe {
  FileDescriptor read_end;
  FileDescriptor write_end;
};

Pipe make_pipe();
/// An anonymous file in memory that holds `content`, its offset at the beginning.
FileDescriptor memory_file(std::string_view content = "");
/// Everything in a file, whatever its offset.
std::string read_whole(const FileDescriptor& file);

/// A TCP socket that listens on `address`; port 0 takes any. Throws Error(internal).
FileDescriptor listen_on(const std::string& address, int port);
FileDescriptor connect_to(const std::string& address, int port);
/// The port to which a socket is bound.
int local_port(const FileDescriptor& socket);
/// False when the other end is gone.
bool send_all(const FileDescriptor& socket, std::string_view bytes);
/// What has arrived, at most 64 KiB; "" when the other end has closed.
std::string receive_some(const FileDescriptor& socket);
/// Makes the next close() send a TCP reset.
void reset_on_close(const FileDescriptor& socket);

}  // namespace hubkeep::sim
