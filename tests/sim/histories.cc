#include "sim/histories.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include "sim/git_worker.h"

namespace hubkeep::sim {

namespace {

constexpr unsigned kOnTheSide = 3;  // commits of a branch that is merged

/// Writes a stream for `git fast-import`. The mark of a commit is its number, from 1.
class HistoryStream {
 public:
  explicit HistoryStream(const HistoryShape& shape) : shape_(shape), random_(shape.seed) {}

  /// The first parent is the one that the tree comes from.
  unsigned commit(const std::string& ref, const std::vector<unsigned>& parents) {
    const unsigned mark = ++marks_;
    text_ += fmt::format("commit {}\nmark :{}\ncommitter A U Thor <author@example.com> {} +0000\ndata 1\nx\n",
                         ref, mark, 1'700'000'000 + 60 * mark);
    for (std::size_t i = 0; i < parents.size(); ++i)
      text_ += fmt::format("{} :{}\n", i == 0 ? "from" : "merge", parents[i]);
    text_ += fmt::format("M 100644 inline dir{}/file{}\ndata {}\n", mark % 7, mark % 50, shape_.bytes);
    for (std::size_t i = 0; i < shape_.bytes; ++i) text_ += static_cast<char>(random_());
    text_ += '\n';
    return mark;
  }

  void ref(const std::string& name, unsigned mark) {
    text_ += fmt::format("reset {}\nfrom :{}\n\n", name, mark);
  }

  const std::string& text() const { return text_; }

 private:
  const HistoryShape& shape_;
  std::mt19937 random_;
  unsigned marks_ = 0;
  std::string text_;
};

// A line of main, in which side branches begin and end.
unsigned write_main(HistoryStream& stream, const HistoryShape& shape) {
  const std::string main = "refs/heads/main";
  std::vector<unsigned> marks;
  while (marks.size() < shape.commits) {
    std::vector<unsigned> parents;
    if (!marks.empty()) parents.push_back(marks.back());
    if (shape.merge_every > 0 && marks.size() > 2 && marks.size() % shape.merge_every == 0) {
      unsigned side = marks[marks.size() - 2];
      for (unsigned i = 0; i < kOnTheSide; ++i) side = stream.commit("refs/heads/side", {side});
      parents.push_back(side);
    }
    marks.push_back(stream.commit(main, parents));
  }
  for (unsigned tag = 1; tag <= shape.tags; ++tag)
    stream.ref(fmt::format("refs/tags/v1.{}", tag), marks[marks.size() * tag / (shape.tags + 1)]);
  return marks.back();
}

unsigned write_lines(HistoryStream& stream, const HistoryShape& shape) {
  const unsigned first = stream.commit("refs/heads/main", {});
  std::vector<unsigned> tips;
  for (unsigned line = 0; line < shape.lines; ++line) {
    unsigned tip = first;
    for (unsigned i = 0; i < shape.commits / shape.lines; ++i) tip = stream.commit("refs/heads/side", {tip});
    tips.push_back(tip);
  }
  return stream.commit("refs/heads/main", tips);
}

}  // namespace

void make_history(const std::filesystem::path& repository, const HistoryShape& shape) {
  HistoryStream stream(shape);
  const unsigned tip = shape.lines > 1 ? write_lines(stream, shape) : write_main(stream, shape);
  if (shape.has_latest) stream.ref("refs/tags/latest", tip);
  fast_import(repository, stream.text());
  if (shape.lines > 1 || shape.merge_every > 0) git(repository, {"update-ref", "-d", "refs/heads/side"});
}

HistoryShape history_shape_from(const nlohmann::json& json) {
  HistoryShape shape;
  shape.commits = json.value("commits", shape.commits);
  shape.bytes = json.value("bytes", shape.bytes);
  shape.tags = json.value("tags", shape.tags);
  shape.has_latest = json.value("latest", shape.has_latest);
  shape.merge_every = json.value("merge_every", shape.merge_every);
  shape.lines = json.value("lines", shape.lines);
  shape.seed = json.value("seed", shape.seed);
  return shape;
}

}  // namespace hubkeep::sim
