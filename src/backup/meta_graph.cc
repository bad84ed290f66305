// Each kind is a list of the repository that is read from its beginning in a sweep, and otherwise only where
// something is known to have changed. A list's cursor is the end of the last page that was taken.
#include "backup/meta_graph.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "github/graph_pages.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

// Pull requests cost GitHub the most: a hundred with all that is in them it does not answer.
constexpr int kMostPullRequests = 25;
constexpr int kMostIssues = 50;
constexpr int kMostDiscussions = 25;
constexpr int kMostComments = 50;
constexpr int kMostRules = 50;

const Json& at(const Json& value, std::string_view name) {
  static const Json kNull;
  const auto found = value.is_object() ? value.find(name) : value.end();
  return found == value.end() ? kNull : *found;
}

std::string text_at(const Json& value, std::string_view name) {
  const Json& text = at(value, name);
  return text.is_string() ? text.get<std::string>() : text.is_number() ? text.dump() : "";
}

// Of a comment or review as it stands within its issue or discussion.
bool has_more_to_it(const Json& comment) {
  if (at(comment, "lastEditedAt").is_string()) return true;
  const Json& groups = at(comment, "reactionGroups");
  return groups.is_array() && std::any_of(groups.begin(), groups.end(), [](const Json& group) {
           const Json& count = at(at(group, "reactors"), "totalCount");
           return count.is_number() && count != 0;
         });
}

void take_refusal(MetaIntake& intake, MetaKind kind, const GraphRefusal& refusal) {
  if (refusal.type == "NOT_FOUND")
    intake.absent(kind);
  else
    intake.not_permitted(kind, refusal.message);
}

/// Reads documents of one kind.
class Documents {
 public:
  Documents(MetaIntake& intake, MetaKind kind, std::string type, int most)
      : intake_(intake),
        kind_(kind),
        type_(std::move(type)),
        size_(most),
        reader_(
            intake.work().context().github.api(),
            [this](const ApiAnswer& answer) { bytes_ += answer.body().size(), ++answers_; },
            intake.work().stop()) {}

  GraphReader& reader() { return reader_; }
  GraphPageSize& size() { return size_; }

  /// All of the list, from where the sweep before was broken off. False where it is refused.
  bool sweep(GraphOperation operation, nlohmann::json variables, const std::vector<std::string>& path,
             const std::function<void(const Json&)>& look = {}) {
    variables["repository"] = intake_.work().node_id();
    std::string cursor = intake_.cursor(kind_);
    while (true) {
      GraphPage page = reader_.page(operation, variables, path, cursor, size_);
      if (page.refusal) {
        take_refusal(intake_, kind_, *page.refusal);
        return false;
      }
      for (Json& node : page.nodes) take(node, look);
      cursor = page.cursor;
      if (!page.has_more) {
        intake_.count(kind_, page.total);
        break;
      }
      intake_.set_cursor(kind_, cursor);
      told();
    }
    intake_.set_cursor(kind_, "");
    intake_.saw_all(kind_);
    told();
    return true;
  }

  void take(Json& node, const std::function<void(const Json&)>& look = {}) {
    if (!node.is_object()) return;
    reader_.complete(node, type_);
    const std::string number = text_at(node, "number");
    const std::string id = number.empty() ? text_at(node, "id") : number;
    if (id.empty()) throw Error(ErrorKind::corrupt, fmt::format("GitHub sends a {} without an id", type_));
    const std::string document = node.dump();
    if (intake_.take({.kind = kind_, .id = id, .parent = {}, .json = document}) && look) look(node);
  }

  /// All answers so far are taken.
  void told() {
    for (; answers_ > 0; --answers_) intake_.answered(ApiKind::graphql, std::exchange(bytes_, 0));
  }

 private:
  MetaIntake& intake_;
  const MetaKind kind_;
  const std::string type_;
  GraphPageSize size_;
  ByteCount bytes_ = 0;
  int answers_ = 0;
  GraphReader reader_;
};

std::vector<std::string> node_ids(const std::vector<PendingDocument>& documents) {
  std::vector<std::string> ids;
  ids.reserve(documents.size());
  for (const PendingDocument& each : documents) ids.push_back(each.node_id);
  return ids;
}

/// Issues and pull requests.
class Items {
 public:
  explicit Items(MetaIntake& intake)
      : intake_(intake), variables_{{"events", intake.wants(ContentKind::events)}} {}

  void run() {
    const auto look = [this](const Json& pull_request) { look_into(pull_request); };
    Documents pull_requests(intake_, MetaKind::pull_request, "PullRequest", kMostPullRequests);
    if (intake_.is_sweep(MetaKind::pull_request)) {
      if (pull_requests.sweep(GraphOperation::pull_request_page, variables_, {"node", "pullRequests"}, look))
        mark_gone(MetaKind::pull_request);
    } else {
      take_pending(MetaKind::pull_request, pull_requests, look);
    }
    Documents issues(intake_, MetaKind::issue_graph, "Issue", kMostIssues);
    if (intake_.is_sweep(MetaKind::issue_graph)) {
      if (issues.sweep(GraphOperation::issue_page, variables_, {"node", "issues"}))
        mark_gone(MetaKind::issue_graph);
    } else {
      take_pending(MetaKind::issue_graph, issues, {});
    }
  }

 private:
  void take_pending(MetaKind kind, Documents& documents, const std::function<void(const Json&)>& look) {
    const std::vector<PendingDocument> pending = intake_.pending(kind);
    const std::size_t most = static_cast<std::size_t>(documents.size().now());
    for (std::size_t begin = 0; begin < pending.size(); begin += most) {
      const std::vector<PendingDocument> some(
          pending.begin() + static_cast<std::ptrdiff_t>(begin),
          pending.begin() + static_cast<std::ptrdiff_t>(std::min(begin + most, pending.size())));
      std::vector<Json> nodes = documents.reader().nodes(GraphOperation::changed_items, variables_,
                                                         node_ids(some), documents.size());
      for (std::size_t i = 0; i < some.size(); ++i) {
        documents.take(nodes.at(i), look);
        // Null: it was deleted meanwhile, which the next sweep finds.
        intake_.drop_pending(kind, some.at(i).id);
      }
      documents.told();
    }
  }

  // What is gone is gone with its issue: whoever lists issues has looked at each that was missing.
  void mark_gone(MetaKind kind) {
    for (const std::string& number : intake_.suspects(kind))
      if (!intake_.has(MetaKind::issue, number)) intake_.gone(kind, number);
  }

  void look_into(const Json& pull_request) {
    const std::string number = text_at(pull_request, "number");
    for (const Json& review : at(at(pull_request, "reviews"), "nodes"))
      if (has_more_to_it(review))
        intake_.add_pending(MetaKind::comment_graph, {text_at(review, "id"), text_at(review, "id"), number});
    for (const Json& thread : at(at(pull_request, "reviewThreads"), "nodes"))
      for (const Json& comment : at(at(thread, "comments"), "nodes")) look_at_comment(comment, number);
  }

  // The last of a thread says whether any of it is new.
  void look_at_comment(const Json& comment, const std::string& number) {
    const std::string id = text_at(comment, "fullDatabaseId");
    const bool is_newer = text_at(comment, "updatedAt") > intake_.cursor(MetaKind::review_comment);
    if (is_newer || !intake_.has(MetaKind::review_comment, id))
      intake_.add_pending(MetaKind::review_comment, {id, "", number});
  }

  MetaIntake& intake_;
  const nlohmann::json variables_;
};

class ItemsCollector final : public MetaCollector {
 public:
  std::string_view name() const override { return "pull requests"; }
  ContentKind group() const override { return ContentKind::issues; }
  std::vector<MetaKind> kinds() const override { return {MetaKind::pull_request, MetaKind::issue_graph}; }
  std::vector<std::string_view> probes() const override { return {"issues", "pull_requests"}; }
  void collect(MetaIntake& intake) const override { Items(intake).run(); }
};

class CommentsGraphCollector final : public MetaCollector {
 public:
  std::string_view name() const override { return "edits and reactions"; }
  ContentKind group() const override { return ContentKind::issues; }
  std::vector<MetaKind> kinds() const override { return {MetaKind::comment_graph}; }
  std::vector<std::string_view> probes() const override {
    return {"issues", "pull_requests", "discussions", "commit_comments"};
  }

  void collect(MetaIntake& intake) const override {
    constexpr MetaKind kKind = MetaKind::comment_graph;
    Documents documents(intake, kKind, "", kMostComments);
    const std::vector<PendingDocument> pending = intake.pending(kKind);
    for (std::size_t begin = 0; begin < pending.size(); begin += kMostComments) {
      const std::vector<PendingDocument> some(
          pending.begin() + static_cast<std::ptrdiff_t>(begin),
          pending.begin() + static_cast<std::ptrdiff_t>(std::min(begin + kMostComments, pending.size())));
      std::vector<Json> nodes = documents.reader().nodes(GraphOperation::comments, nlohmann::json::object(),
                                                         node_ids(some), documents.size());
      for (std::size_t i = 0; i < some.size(); ++i) {
        Json& node = nodes.at(i);
        if (node.is_object()) {
          documents.reader().complete(node, text_at(node, "__typename"));
          const std::string document = node.dump();
          intake.take({.kind = kKind, .id = some.at(i).id, .parent = some.at(i).parent, .json = document});
        }
        intake.drop_pending(kKind, some.at(i).id);
      }
      documents.told();
    }
  }
};

class DiscussionsCollector final : public MetaCollector {
 public:
  std::string_view name() const override { return "discussions"; }
  ContentKind group() const override { return ContentKind::discussions; }
  std::vector<MetaKind> kinds() const override { return {MetaKind::discussion}; }
  std::vector<std::string_view> probes() const override { return {"discussions"}; }

  void collect(MetaIntake& intake) const override {
    constexpr MetaKind kKind = MetaKind::discussion;
    Documents documents(intake, kKind, "Discussion", kMostDiscussions);
    const auto look = [&](const Json& discussion) { look_into(intake, discussion); };
    const bool is_sweep = intake.is_sweep(kKind);
    if (!is_sweep) return take_changed(intake, documents, look);
    const nlohmann::json in_order = {{"by", "CREATED_AT"}, {"direction", "ASC"}};
    if (documents.sweep(GraphOperation::discussion_page, in_order, {"node", "discussions"}, look))
      for (const std::string& number : intake.suspects(kKind)) intake.gone(kKind, number);
  }

 private:
  // From the last changed back to the first that is known as it is.
  static void take_changed(MetaIntake& intake, Documents& documents,
                           const std::function<void(const Json&)>& look) {
    const nlohmann::json newest_first = {
        {"repository", intake.work().node_id()}, {"by", "UPDATED_AT"}, {"direction", "DESC"}};
    std::string cursor;
    for (bool is_end = false; !is_end;) {
      GraphPage page = documents.reader().page(GraphOperation::discussion_page, newest_first,
                                               {"node", "discussions"}, cursor, documents.size());
      if (page.refusal) return take_refusal(intake, MetaKind::discussion, *page.refusal);
      bool is_any_new = false;
      for (Json& node : page.nodes)
        documents.take(node, [&](const Json& discussion) {
          is_any_new = true;
          look(discussion);
        });
      intake.count(MetaKind::discussion, page.total);
      cursor = page.cursor;
      is_end = !page.has_more || !is_any_new;
      documents.told();
    }
  }

  static void look_into(MetaIntake& intake, const Json& discussion) {
    const std::string number = text_at(discussion, "number");
    const auto look_at = [&](const Json& comment) {
      if (!has_more_to_it(comment)) return;
      const std::string id = text_at(comment, "id");
      intake.add_pending(MetaKind::comment_graph, {id, id, number});
    };
    for (const Json& comment : at(at(discussion, "comments"), "nodes")) {
      look_at(comment);
      for (const Json& reply : at(at(comment, "replies"), "nodes")) look_at(reply);
    }
  }
};

class BranchProtectionsCollector final : public MetaCollector {
 public:
  std::string_view name() const override { return "protected branches"; }
  ContentKind group() const override { return ContentKind::settings; }
  std::vector<MetaKind> kinds() const override { return {MetaKind::branch_protection}; }
  void collect(MetaIntake& intake) const override {
    constexpr MetaKind kKind = MetaKind::branch_protection;
    Documents documents(intake, kKind, "BranchProtectionRule", kMostRules);
    if (documents.sweep(GraphOperation::branch_protections, nlohmann::json::object(),
                        {"node", "branchProtectionRules"}))
      for (const std::string& id : intake.suspects(kKind)) intake.gone(kKind, id);
  }
};

}  // namespace

std::shared_ptr<const MetaCollector> items_collector() {
  return std::make_shared<ItemsCollector>();
}

std::shared_ptr<const MetaCollector> comments_graph_collector() {
  return std::make_shared<CommentsGraphCollector>();
}

std::shared_ptr<const MetaCollector> discussions_collector() {
  return std::make_shared<DiscussionsCollector>();
}

std::shared_ptr<const MetaCollector> branch_protections_collector() {
  return std::make_shared<BranchProtectionsCollector>();
}

}  // namespace hubkeep
