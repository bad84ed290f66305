#include "backup/meta_lists.h"

#include <fmt/format.h>

#include "base/caught_error.h"
#include "base/error.h"
#include "github/json_slices.h"
#include "github/list_walk.h"

namespace hubkeep {
namespace {

void ask_for_more(MetaIntake& intake, std::string_view comment) {
  const std::string node_id = plain_member(comment, "node_id");
  intake.add_pending(MetaKind::comment_graph, {node_id, node_id});
}

class ListCollector final : public MetaCollector {
 public:
  ListCollector(std::string_view name, std::string_view probe, MetaList list)
      : name_(name), probe_(probe), list_(std::move(list)) {}

  std::string_view name() const override { return name_; }
  ContentKind group() const override { return group_of(list_.kind); }
  std::vector<MetaKind> kinds() const override { return {list_.kind}; }
  std::vector<std::string_view> probes() const override { return {probe_}; }
  void collect(MetaIntake& intake) const override {
    const auto error = caught_error([&] { take_list(intake, repository_path(intake), list_); });
    if (error) take_refusal(intake, list_.kind, *error, true);
  }

 private:
  const std::string_view name_;
  const std::string_view probe_;
  const MetaList list_;
};

}  // namespace

std::string plain_member(std::string_view json, std::string_view name) {
  std::string_view text = object_member(json, name).value_or("");
  if (text.size() >= 2 && text.front() == '"') text = text.substr(1, text.size() - 2);
  if (text.empty() || text == "null")
    throw Error(ErrorKind::corrupt, fmt::format("GitHub describes something without \"{}\"", name));
  return std::string(text);
}

bool has_more_to_it(std::string_view comment) {
  const bool was_edited = object_member(comment, "created_at") != object_member(comment, "updated_at");
  const std::string_view reactions = object_member(comment, "reactions").value_or("");
  return was_edited || object_member(reactions, "total_count").value_or("0") != "0";
}

std::string repository_path(const MetaIntake& intake) {
  return "/repositories/" + intake.work().id().str();
}

namespace {

// Returns whether there was any.
bool walk_items(MetaIntake& intake, const std::string& root, const MetaList& list, bool may_be_empty) {
  GitHubApi& api = intake.work().context().github.api();
  const bool has_query = list.path.find('?') != std::string::npos;
  const Url first = api.url(fmt::format("{}{}{}per_page=100", root, list.path, has_query ? "&" : "?"));
  bool is_any = false;
  const ListWalkReader reader{
      .item =
          [&](std::string_view item, UtcTime, int) {
            is_any = true;
            const std::string_view holder =
                list.within.empty() ? item : object_member(item, list.within).value_or("");
            std::string id = plain_member(holder, list.id);
            if (!list.parent.empty()) id.insert(0, list.parent + "/");
            const bool is_news =
                intake.take({.kind = list.kind, .id = id, .parent = list.parent, .json = item});
            if (list.kind == MetaKind::commit_comment && is_news && has_more_to_it(item))
              ask_for_more(intake, item);
          },
      .page = [&](const ApiAnswer& answer) { intake.answered(ApiKind::rest, answer.body().size()); }};
  const ListEnd end =
      walk_list(api, {first, list.member, list.accept, may_be_empty}, reader, intake.work().stop());
  if (end.problem) throw Error(end.problem->error);
  return is_any;
}

}  // namespace

void take_items(MetaIntake& intake, const std::string& root, const MetaList& list) {
  walk_items(intake, root, list, true);
}

void end_kind(MetaIntake& intake, MetaKind kind) {
  intake.saw_all(kind);
  for (const std::string& id : intake.suspects(kind)) intake.gone(kind, id);
}

void take_list(MetaIntake& intake, const std::string& root, const MetaList& list) {
  const bool is_any = walk_items(intake, root, list, true);
  intake.saw_all(list.kind);
  // That all of them are gone is said twice before it is believed.
  if (!is_any && !intake.suspects(list.kind).empty()) walk_items(intake, root, list, false);
  end_kind(intake, list.kind);
}

void take_refusal(MetaIntake& intake, MetaKind kind, const Error& error, bool absent_where_not_found) {
  const bool is_not_found = error.kind() == ErrorKind::not_found;
  if (error.kind() != ErrorKind::forbidden && !is_not_found) throw Error(error);
  if (is_not_found && error.permission().empty() && absent_where_not_found)
    intake.absent(kind);
  else
    intake.not_permitted(kind, error.permission());
}

MetaCollectors list_collectors() {
  return {
      std::make_shared<ListCollector>("labels", "labels", MetaList{MetaKind::label, "/labels"}),
      std::make_shared<ListCollector>("milestones", "milestones",
                                      MetaList{MetaKind::milestone, "/milestones?state=all", "", "number"}),
      std::make_shared<ListCollector>("comments on commits", "commit_comments",
                                      MetaList{MetaKind::commit_comment, "/comments"}),
  };
}

}  // namespace hubkeep
