// A page is a hundred releases with all of their assets, and may be larger than an answer may be: then the
// list is read again with fewer on a page. A list of one page is whole, and its ETag says whether it changed;
// pages of a longer one may move while they are read, which walk_list() sees.
#include "github/release_list.h"

#include <fmt/format.h>

#include <array>
#include <set>
#include <string>

#include "base/error.h"
#include "github/json_slices.h"
#include "github/list_walk.h"

namespace hubkeep {
namespace {

// A hundred is GitHub's most. A release has a thousand assets at most, of about two kilobytes each.
constexpr std::array kPageSizes = {100, 20, 3};

class ReleaseLister {
 public:
  ReleaseLister(GitHubApi& api, const ReleaseQuestion& question, const ReleaseReader& reader,
                const std::stop_token& stop)
      : api_(api), question_(question), reader_(reader), stop_(stop), etag_(question.etag) {}

  ReleaseListEnd run() {
    for (const int size : kPageSizes) {
      if (question_.per_page > 0 && size > question_.per_page) continue;
      try {
        read(size);
        end_.per_page = size == kPageSizes.front() ? 0 : size;
        return end_;
      } catch (const Error& error) {
        // What is too large is no answer (ReleaseList.IsReadInSmallerPagesWhereOneIsTooLarge).
        if (error.kind() != ErrorKind::corrupt || size == kPageSizes.back()) throw;
      }
      etag_.clear();
    }
    return end_;
  }

 private:
  void read(int per_page) {
    const Url first =
        api_.url(fmt::format("/repositories/{}/releases?per_page={}", question_.repository, per_page));
    const bool is_whole = api_.get(first, {.etag = etag_}, stop_, [&](const ApiAnswer& answer) {
      count(answer);
      begin();
      end_.is_unchanged = answer.is_unchanged();
      if (end_.is_unchanged) return true;
      if (answer.next()) return false;
      for (const auto item : answer.items()) take(item);
      end_.etag = answer.etag();
      return true;
    });
    if (!is_whole) walk(first);
  }

  void walk(const Url& first) {
    int walk_now = 0;
    const ListWalkReader reader{.item =
                                    [&](std::string_view item, UtcTime, int walk) {
                                      if (walk != walk_now) begin();
                                      walk_now = walk;
                                      take(item);
                                    },
                                .page = [&](const ApiAnswer& answer) { count(answer); }};
    const ListEnd end = walk_list(api_, {.first = first, .member = ""}, reader, stop_);
    if (!end.problem) return;
    end_.is_cut_by_limit = came_.size() >= kMostReleases;
    if (!end_.is_cut_by_limit) throw Error(end.problem->error);
  }

  void begin() {
    came_.clear();
    end_.etag.clear();
    reader_.begin();
  }

  void take(std::string_view item) {
    came_.emplace(object_member(item, "id").value_or(""));
    reader_.item(item);
  }

  void count(const ApiAnswer& answer) {
    ++end_.requests;
    end_.bytes += answer.body().size();
  }

  GitHubApi& api_;
  const ReleaseQuestion& question_;
  const ReleaseReader& reader_;
  const std::stop_token& stop_;
  std::string etag_;
  std::set<std::string, std::less<>> came_;  // ids; a page may be read more than once
  ReleaseListEnd end_;
};

}  // namespace

ReleaseListEnd list_releases(GitHubApi& api, const ReleaseQuestion& question, const ReleaseReader& reader,
                             const std::stop_token& stop) {
  return ReleaseLister(api, question, reader, stop).run();
}

}  // namespace hubkeep
