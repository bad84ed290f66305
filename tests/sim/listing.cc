#include "sim/listing.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace hubkeep::sim {

namespace {

constexpr std::size_t kDefaultPerPage = 30;  // GitHub: "Using pagination in the REST API"
constexpr std::size_t kMaxPerPage = 100;

std::string parameter(const Query& query, const std::string& name, const std::string& otherwise) {
  auto found = query.find(name);
  return found == query.end() || found->second.empty() ? otherwise : found->second;
}

std::size_t number_parameter(const Query& query, const std::string& name, std::size_t otherwise) {
  std::string text = parameter(query, name, "");
  std::size_t value = 0;
  auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  return result.ec == std::errc() && value > 0 ? value : otherwise;
}

bool before(const Repository& a, const Repository& b, const std::string& sort) {
  if (sort == "created" && a.created_at != b.created_at) return a.created_at < b.created_at;
  if (sort == "updated" && a.updated_at != b.updated_at) return a.updated_at < b.updated_at;
  if (sort == "pushed" && a.pushed_at != b.pushed_at) return a.pushed_at < b.pushed_at;
  if (sort == "full_name") return to_lower(a.full_name()) < to_lower(b.full_name());
  return a.id < b.id;
}

std::vector<Repository> sorted(std::vector<Repository> all, const Query& query,
                               const std::string& default_sort) {
  std::string sort = parameter(query, "sort", default_sort);
  std::string direction = parameter(query, "direction", sort == "full_name" ? "asc" : "desc");
  std::sort(all.begin(), all.end(), [&](const Repository& a, const Repository& b) {
    return direction == "asc" ? before(a, b, sort) : before(b, a, sort);
  });
  return all;
}

/// What the older parameter `type` means in the words of the newer two.
struct Choice {
  std::string affiliations = "owner,collaborator,organization_member";
  std::string visibility = "all";
};

Choice choice_of_type(const std::string& type) {
  Choice out;
  if (type == "owner") out.affiliations = "owner";
  if (type == "member") out.affiliations = "collaborator,organization_member";
  if (type == "public" || type == "private") out.visibility = type;
  return out;
}

bool is_listed(const Choice& choice, const std::string& affiliation, const Repository& repository) {
  if (choice.visibility != "all" && choice.visibility != repository.visibility()) return false;
  auto wanted = split(choice.affiliations, ',');
  return !affiliation.empty() && std::any_of(wanted.begin(), wanted.end(), [&](std::string_view name) {
    return trim(name) == affiliation;
  });
}

std::string page_url(const std::string& url, Query query, std::size_t page) {
  query["page"] = std::to_string(page);
  std::string out;
  for (const auto& [name, value] : query) {
    std::string escaped;
    for (char c : value) escaped += c == ',' ? std::string("%2C") : c == ' ' ? "+" : std::string(1, c);
    out += fmt::format("{}{}={}", out.empty() ? "?" : "&", name, escaped);
  }
  return url + out;
}

}  // namespace

std::optional<std::vector<Repository>> own_repositories(const World& world, const Token& viewer,
                                                        const Query& query) {
  bool has_type = query.contains("type");
  if (has_type && (query.contains("visibility") || query.contains("affiliation"))) return std::nullopt;
  Choice choice = choice_of_type(parameter(query, "type", "all"));
  choice.visibility = parameter(query, "visibility", choice.visibility);
  choice.affiliations = parameter(query, "affiliation", choice.affiliations);

  std::vector<Repository> out;
  for (Repository& repository : world.repositories()) {
    if (viewer.repositories && !viewer.repositories->contains(repository.id)) continue;
    if (!world.can_read(viewer, repository)) continue;
    if (is_listed(choice, world.affiliation(viewer.login, repository), repository)) {
      out.push_back(std::move(repository));
    }
  }
  return sorted(std::move(out), query, "full_name");
}

std::vector<Repository> user_repositories(const World& world, const Account& user, const Query& query) {
  std::string type = parameter(query, "type", "owner");
  std::vector<Repository> out;
  for (Repository& repository : world.repositories()) {
    if (repository.is_private) continue;
    std::string affiliation = world.affiliation(user.login, repository);
    bool owner = affiliation == "owner";
    bool member = !owner && !affiliation.empty();
    if ((owner && type != "member") || (member && type != "owner")) out.push_back(std::move(repository));
  }
  return sorted(std::move(out), query, "full_name");
}

std::vector<Repository> organization_repositories(const World& world, const Account& organization,
                                                  const std::optional<Token>& viewer, const Query& query) {
  std::string type = parameter(query, "type", "all");
  std::vector<Repository> out;
  for (Repository& repository : world.repositories()) {
    if (!equals_ignoring_case(repository.owner, organization.login)) continue;
    if (!world.can_read(viewer, repository)) continue;
    if ((type == "public" || type == "private") && type != repository.visibility()) continue;
    if (type == "forks" && !repository.fork) continue;
    if (type == "sources" && repository.fork) continue;
    out.push_back(std::move(repository));
  }
  return sorted(std::move(out), query, "created");
}

PageRange cut_range(std::size_t count, const Query& query, const std::string& url) {
  std::size_t per_page = std::min(number_parameter(query, "per_page", kDefaultPerPage), kMaxPerPage);
  std::size_t page = number_parameter(query, "page", 1);
  std::size_t last = std::max<std::size_t>((count + per_page - 1) / per_page, 1);

  PageRange out;
  out.begin = std::min((page - 1) * per_page, count);
  out.end = std::min(out.begin + per_page, count);
  auto add = [&](std::size_t to, std::string_view relation) {
    out.link +=
        fmt::format("{}<{}>; rel=\"{}\"", out.link.empty() ? "" : ", ", page_url(url, query, to), relation);
  };
  if (page > 1) add(std::min(page - 1, last), "prev");
  if (page < last) add(page + 1, "next");
  if (page < last) add(last, "last");
  if (page > 1) add(1, "first");
  return out;
}

Page cut_page(const std::vector<Repository>& all, const Query& query, const std::string& url) {
  const PageRange range = cut_range(all.size(), query, url);
  return {{all.begin() + static_cast<std::ptrdiff_t>(range.begin),
           all.begin() + static_cast<std::ptrdiff_t>(range.end)},
          range.link};
}

}  // namespace hubkeep::sim
