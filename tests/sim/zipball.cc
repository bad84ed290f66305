#include "sim/zipball.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "base/text.h"
#include "sim/api.h"
#include "sim/child_process.h"
#include "sim/git_worker.h"

namespace hubkeep::sim {

namespace {

constexpr std::chrono::minutes kTokenLife{5};
constexpr std::size_t kShortOid = 7;
constexpr std::size_t kPiece = 65536;

/// `git archive` under way.
class Archive {
 public:
  Archive(const std::filesystem::path& repository, const std::string& prefix, const std::string& commit)
      : in_(memory_file()), err_(::open("/dev/null", O_WRONLY | O_CLOEXEC)) {
    Pipe pipe = make_pipe();
    const ChildOptions options{.argv = {"git", "-C", repository.string(), "archive", "--format=zip",
                                        "--prefix=" + prefix + "/", commit},
                               .cwd = {},
                               .env = git_environment()};
    process_ = std::make_unique<ChildProcess>(options, in_, pipe.write_end, err_);
    out_ = std::move(pipe.read_end);
  }

  std::string read() {
    std::string piece(kPiece, '\0');
    ssize_t size;
    do {
      size = ::read(out_.get(), piece.data(), piece.size());
    } while (size < 0 && errno == EINTR);
    piece.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    if (piece.empty() && process_) {
      process_->wait();
      process_.reset();
    }
    return piece;
  }

 private:
  FileDescriptor in_;
  FileDescriptor err_;
  FileDescriptor out_;
  std::unique_ptr<ChildProcess> process_;
};

std::optional<std::string> commit_of(const Repository& repository, std::string_view ref) {
  const auto result = run({"git", "-C", repository.path.string(), "rev-parse", "--verify", "--quiet",
                           std::string(ref) + "^{commit}"},
                          {.cwd = {}, .env = git_environment()});
  return result.exit_code == 0 ? std::optional(std::string(trim(result.out))) : std::nullopt;
}

// "" before "repos/OWNER/NAME/zipball/REF" or "repositories/ID/zipball/REF".
bool is_of_zipball(const std::vector<std::string_view>& path) {
  const std::size_t before = path.size() > 1 && path[1] == "repos" ? 4 : 3;
  return path.size() == before + 2 && (before == 4 || path[1] == "repositories") && path[before] == "zipball";
}

}  // namespace

std::optional<HttpResponse> Zipballs::redirect(const std::string& path, const Caller& caller,
                                               const std::string& download_origin) {
  const auto parts = split(path, '/');
  if (!is_of_zipball(parts)) return std::nullopt;
  const std::string ref(parts.back());
  if (caller.token_present && !caller.token) return api_error(401, "Bad credentials");
  const auto repository = parts[1] == "repos" ? world_.find_repository(parts[2], parts[3])
                                              : world_.find_repository(number_or_zero(parts[2]));
  if (!repository || !world_.can_read(caller.token, *repository)) return api_error(404, "Not Found");
  if (repository->block != Block::none) return api_error(451, "Repository access blocked");
  if (!commit_of(*repository, ref)) return api_error(404, "Not Found");
  std::string location =
      fmt::format("{}{}{}/legacy.zip/{}", download_origin, kDownloadPrefix, repository->full_name(), ref);
  if (repository->is_private) {
    const std::string token = random_hex(32);
    const std::lock_guard lock(mutex_);
    tokens_[token] = world_.now() + kTokenLife;
    location += "?token=" + token;
  }
  HttpResponse response;
  response.status = 302;
  response.headers.emplace_back("Location", location);
  return response;
}

bool Zipballs::accepts(const std::string& token) {
  const std::lock_guard lock(mutex_);
  const auto found = tokens_.find(token);
  return found != tokens_.end() && world_.now() < found->second;
}

HttpResponse Zipballs::download(const HttpRequest& request) {
  const auto parts = split(std::string_view(request.path).substr(kDownloadPrefix.size()), '/');
  const auto repository =
      parts.size() == 4 ? world_.find_repository(parts[0], parts[1]) : std::optional<Repository>();
  auto query = parse_query(request.query);
  if (!repository || (repository->is_private && !accepts(query["token"])))
    return text_response(404, "404: Not Found");
  const auto commit = commit_of(*repository, parts[3]);
  if (!commit) return text_response(404, "404: Not Found");
  HttpResponse response;
  response.headers.emplace_back("Content-Type", "application/zip");
  const auto archive = std::make_shared<Archive>(
      repository->path,
      fmt::format("{}-{}-{}", repository->owner, repository->name, commit->substr(0, kShortOid)), *commit);
  response.stream = [archive] { return archive->read(); };
  return response;
}

}  // namespace hubkeep::sim
