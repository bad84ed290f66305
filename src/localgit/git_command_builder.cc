#include "localgit/git_command_builder.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/subprocess.h"
#include "base/text.h"
#include "localgit/builder_common.h"
#include "localgit/packed_refs.h"

namespace hubkeep {
namespace {

constexpr std::size_t kMaxComplaint = 1000;

constexpr std::string_view kWithoutGit =
    "this repository uses SHA-256 object names, which hubkeep restores by running git, and there is no git "
    "in PATH: install git 2.29 or newer and give the same command again, or follow README.txt of the vault "
    "on a "
    "machine that has it";

/// The user's and the machine's own configuration must not change what is restored, nor run anything.
const std::vector<std::string>& deaf_environment() {
  static const std::vector<std::string> environment = {
      "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null",  "GIT_CONFIG_NOSYSTEM=1",
      "GIT_ATTR_NOSYSTEM=1",         "GIT_TERMINAL_PROMPT=0",        "GIT_OPTIONAL_LOCKS=0",
      "GIT_NO_REPLACE_OBJECTS=1",    "GIT_DEFAULT_REF_FORMAT=files", "LC_ALL=C"};
  return environment;
}

// Longer than the deltas of the largest repositories take.
constexpr std::chrono::hours kTimeLimit{6};

ProcessPlan plan_of(const std::filesystem::path& folder, const std::vector<std::string>& arguments) {
  std::vector<std::string> all = {"git",
                                  "-C",
                                  folder.string(),
                                  "-c",
                                  "core.hooksPath=/dev/null",
                                  "-c",
                                  "core.attributesFile=/dev/null",
                                  "-c",
                                  "core.excludesFile=/dev/null"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return {.arguments = std::move(all), .environment = deaf_environment(), .time_limit = kTimeLimit};
}

Error git_failed(std::string_view subcommand, const ProcessResult& result, ErrorKind kind) {
  const std::string complaint = printable(trim(std::string_view(result.errors).substr(0, kMaxComplaint)));
  return {kind, fmt::format("git {} ended with {}: {}", subcommand, result.exit_code, complaint)};
}

std::vector<Ref> named_by(const RefState& state) {
  std::vector<Ref> named(state.refs.begin(), state.refs.end());
  if (state.head.oid) named.push_back({"HEAD", *state.head.oid});
  return named;
}

// "fatal: missing blob object '<oid>'", "error: Could not read <oid>": the first line that names an object
// names the one that is missing.
Error not_connected(const Ref& ref, const ProcessResult& complaint, ObjectFormat format) {
  for (const auto line : split(complaint.errors, '\n')) {
    for (const auto word : split(line, ' ')) {
      const auto name = word.substr(word.starts_with('\'') ? 1 : 0, hex_size(format));
      if (!Oid::parse(name)) continue;
      return lacks_object(ref.name, line.find("blob") != std::string_view::npos ? "blob" : "object", name);
    }
  }
  return git_failed("rev-list", complaint, ErrorKind::corrupt).with_context(printable(ref.name));
}

class GitPackImporter final : public PackImporter {
 public:
  GitPackImporter(const std::filesystem::path& folder, std::stop_token stop)
      : stop_(std::move(stop)), process_(plan_of(folder, {"index-pack", "--stdin", "--fix-thin"}), stop_) {}

  void write(std::string_view bytes) override {
    if (stop_.stop_requested()) throw Error(ErrorKind::cancelled, "stopped while indexing");
    process_.write(bytes);
  }

  void finish() override {
    const auto result = process_.wait();
    if (result.exit_code != 0) throw git_failed("index-pack", result, ErrorKind::corrupt);
    // "pack TAB name", and then what came behind the pack's end, which git hands on instead of refusing it.
    if (result.output.find('\n') + 1 != result.output.size()) {
      throw Error(ErrorKind::corrupt, "cannot index the pack: there are bytes behind its end");
    }
  }

 private:
  std::stop_token stop_;
  Subprocess process_;
};

}  // namespace

GitCommandBuilder::GitCommandBuilder(std::filesystem::path folder, ObjectFormat format, RepositoryKind kind,
                                     std::stop_token stop)
    : folder_(std::move(folder)), format_(format), kind_(kind), stop_(std::move(stop)) {
  std::vector<std::string> init = {"init", "--quiet", "--template=", "--initial-branch=main",
                                   "--object-format=" + std::string(to_string(format_))};
  if (kind_ != RepositoryKind::work_tree) init.emplace_back("--bare");
  try {
    git(init, {}, ErrorKind::internal);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found) throw;
    throw Error(ErrorKind::internal, std::string(kWithoutGit));
  }
}

std::string GitCommandBuilder::git(const std::vector<std::string>& arguments, std::string_view input,
                                   ErrorKind otherwise) const {
  auto result = run_process(plan_of(folder_, arguments), input, stop_);
  if (result.exit_code != 0) throw git_failed(arguments.front(), result, otherwise);
  return std::move(result.output);
}

std::unique_ptr<PackImporter> GitCommandBuilder::import_pack() {
  return std::make_unique<GitPackImporter>(folder_, stop_);
}

void GitCommandBuilder::write_refs(const RefState& state) {
  const std::vector<Ref> named = named_by(state);
  std::string questions;
  for (const auto& ref : named) questions += ref.oid.hex() + "\n";
  const std::string output = git({"cat-file", "--batch-check"}, questions, ErrorKind::internal);
  const auto answers = split(output, '\n');
  for (std::size_t i = 0; i < named.size(); ++i) {
    if (i >= answers.size() || answers[i].ends_with(" missing"))
      throw missing_object(named[i].name, named[i].oid);
  }
  write_ref_files(kind_ == RepositoryKind::work_tree ? folder_ / ".git" : folder_, state);
  born_ = is_born(state);
}

// git says which object it misses, but not which ref led there: the first one is found by halving.
void GitCommandBuilder::prove_connected(const RefState& state) {
  const std::vector<Ref> tips = named_by(state);
  const auto complaint_about = [&](std::size_t count) {
    std::string lines;
    for (std::size_t i = 0; i < count; ++i) lines += tips[i].oid.hex() + "\n";
    const auto result =
        run_process(plan_of(folder_, {"rev-list", "--objects", "--quiet", "--stdin"}), lines, stop_);
    return result.exit_code == 0 ? std::optional<ProcessResult>() : result;
  };
  auto complaint = complaint_about(tips.size());
  if (!complaint) return;
  std::size_t whole = 0;
  for (std::size_t broken = tips.size(); broken - whole > 1;) {
    const std::size_t middle = whole + (broken - whole) / 2;
    if (auto found = complaint_about(middle)) {
      complaint = std::move(found);
      broken = middle;
    } else {
      whole = middle;
    }
  }
  throw not_connected(tips[whole], *complaint, format_);
}

void GitCommandBuilder::set_origin(const std::string& url) {
  if (kind_ != RepositoryKind::mirror) return;
  for (const auto& [name, value] : mirror_settings(url))
    git({"config", name, value}, {}, ErrorKind::internal);
}

void GitCommandBuilder::check_out() {
  if (kind_ != RepositoryKind::work_tree || !born_) return;
  if (stop_.stop_requested()) throw Error(ErrorKind::cancelled, "stopped before the check out");
  try {
    git({"read-tree", "--reset", "-u", "HEAD"}, {}, ErrorKind::corrupt);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::corrupt) throw;
    throw work_tree_error(error);
  }
}

}  // namespace hubkeep
