#include "e2e/random_history.h"

#include <sstream>
#include <vector>

#include "sim/git_worker.h"

namespace hubkeep {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace

void RandomHistory::step() {
  for (unsigned changes = 1 + pick(5); changes > 0; --changes) change();
  if (pick(4) == 0) sim::git(repository_, {"gc", "--quiet", "--prune=now"});
}

std::string RandomHistory::any_commit() {
  const auto heads =
      lines_of(sim::git(repository_, {"for-each-ref", "--format=%(objectname)", "refs/heads"}));
  return heads.empty() ? "" : heads[pick(static_cast<unsigned>(heads.size()))];
}

std::string RandomHistory::commit(const std::string& parents, bool orphan) {
  std::string content = "version " + std::to_string(++serial_) + "\n" + std::string(200, 'x') + "\n";
  for (unsigned bytes = most_bytes_ == 0 ? 0 : pick(most_bytes_); bytes > 0; --bytes)
    content += static_cast<char>(random_());
  const auto blob = sim::git(repository_, {"hash-object", "-w", "--stdin"}, content);
  const auto tree =
      sim::git(repository_, {"mktree"}, "100644 blob " + blob + "\tfile-" + std::to_string(pick(5)) + "\n");
  std::vector<std::string> command = {"commit-tree", tree, "-m", "commit " + std::to_string(serial_)};
  std::istringstream stream(orphan ? "" : parents);
  for (std::string parent; stream >> parent;) command.insert(command.end(), {"-p", parent});
  return sim::git(repository_, command);
}

// A branch `a` and a branch `a/b` cannot both be.
void RandomHistory::remove_conflicting(const std::string& ref) {
  for (const auto& name : lines_of(sim::git(repository_, {"for-each-ref", "--format=%(refname)"}))) {
    if (name.starts_with(ref + "/") || ref.starts_with(name + "/"))
      sim::git(repository_, {"update-ref", "-d", name});
  }
}

void RandomHistory::set(const std::string& ref, const std::string& object) {
  remove_conflicting(ref);
  sim::git(repository_, {"update-ref", ref, object});
}

void RandomHistory::remove_some_branch() {
  const auto names = lines_of(sim::git(repository_, {"for-each-ref", "--format=%(refname)"}));
  if (names.size() > 1)
    sim::git(repository_, {"update-ref", "-d", names[pick(static_cast<unsigned>(names.size()))]});
}

void RandomHistory::move_head() {
  const auto commit = any_commit();
  if (pick(3) == 0 && !commit.empty()) {
    sim::git(repository_, {"update-ref", "--no-deref", "HEAD", commit});
  } else {
    sim::git(repository_,
             {"symbolic-ref", "HEAD", "refs/heads/" + std::string(1, static_cast<char>('a' + pick(4)))});
  }
}

void RandomHistory::change() {
  const std::string branch = "refs/heads/" + std::string(1, static_cast<char>('a' + pick(4)));
  const std::string base = any_commit();
  const std::string number = std::to_string(pick(6));
  if (base.empty()) return set(branch, commit("", true));
  switch (pick(14)) {
    case 0:
    case 1:
    case 2:
      return set(branch, commit(base, false));
    case 3:
      return set(branch, commit(base + " " + any_commit() + " " + any_commit(), false));  // octopus, perhaps
    case 4:
      return set(branch, commit("", true));
    case 5:
      return set(branch + "/b", commit(base, false));
    case 6:
      return set(branch, base);  // a rewind or a jump
    case 7:
      return remove_some_branch();
    case 8:
      return set("refs/pull/" + number + "/head", commit(base, false));
    case 9:
      return set("refs/pull/" + number + "/merge", commit(base, false));
    case 10:
      return set("refs/tags/light-" + number, base);
    case 11: {
      sim::git(repository_, {"tag", "-f", "-m", "a tag", "inner-" + number, base});
      sim::git(repository_, {"tag", "-f", "-m", "a tag on a tag", "outer-" + number, "inner-" + number});
      return;
    }
    case 12: {
      const auto object = pick(2) == 0
                              ? sim::git(repository_, {"hash-object", "-w", "--stdin"}, "blob " + number)
                              : sim::git(repository_, {"rev-parse", base + "^{tree}"});
      return set("refs/tags/object-" + number, object);
    }
    default:
      return move_head();
  }
}

}  // namespace hubkeep
