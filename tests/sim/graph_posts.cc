// What posts have in common, and the people who write them.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.h"
#include "sim/graph_nodes.h"

namespace hubkeep::sim {

using nlohmann::json;

namespace {

struct ReactionName {
  std::string_view rest;
  std::string_view graphql;
};

constexpr std::array<ReactionName, 8> kReactions = {{{"+1", "THUMBS_UP"},
                                                     {"-1", "THUMBS_DOWN"},
                                                     {"laugh", "LAUGH"},
                                                     {"hooray", "HOORAY"},
                                                     {"confused", "CONFUSED"},
                                                     {"heart", "HEART"},
                                                     {"rocket", "ROCKET"},
                                                     {"eyes", "EYES"}}};

std::string_view reaction_name(std::string_view rest) {
  for (const ReactionName& each : kReactions) {
    if (each.rest == rest) return each.graphql;
  }
  return rest;
}

GraphObject reaction_object(const Reaction& reaction, const GraphExecution& execution) {
  GraphFields fields = id_fields("REA", reaction.id);
  append(fields, {{"content", reaction_name(reaction.content)},
                  {"createdAt", reaction.created_at},
                  {"user", actor_value(reaction.user, execution)}});
  return {"Reaction", std::move(fields)};
}

GraphConnection reactions_of(const Post& post, const GraphField& field) {
  const json content = field.argument("content");
  std::vector<const Reaction*> some;
  for (const Reaction& each : post.reactions) {
    if (content.is_null() || content == reaction_name(each.content)) some.push_back(&each);
  }
  GraphExecution& execution = field.execution;
  return by_id("Reaction", std::move(some),
               [&execution](const Reaction& each) { return reaction_object(each, execution); });
}

GraphConnection people(std::string of, std::vector<std::string> logins, const GraphField& field) {
  GraphExecution& execution = field.execution;
  return connection_of(std::move(of), std::move(logins),
                       [&execution](const std::string& login) { return actor_value(login, execution); });
}

GraphObject group_object(std::string_view content, const std::vector<const Reaction*>& some) {
  std::vector<std::string> who;
  for (const Reaction* each : some) who.push_back(each->user);
  const auto reacted = [who](const char* of) {
    return on_demand([who, of](const GraphField& field) { return people(of, who, field); });
  };
  return {"ReactionGroup",
          {{"content", content},
           {"createdAt", some.empty() ? GraphValue() : GraphValue(some.front()->created_at)},
           {"viewerHasReacted", false},
           {"reactors", reacted("Reactor")},
           {"users", reacted("ReactingUser")}}};
}

/// All eight, also those that nobody used.
GraphValue::List reaction_groups(const Post& post) {
  GraphValue::List out;
  for (const ReactionName& name : kReactions) {
    std::vector<const Reaction*> some;
    for (const Reaction& each : post.reactions) {
      if (each.content == name.rest) some.push_back(&each);
    }
    out.emplace_back(group_object(name.graphql, some));
  }
  return out;
}

/// Newest first, as GitHub lists them; the last is the text as it was written.
GraphConnection edits_of(const Post& post, const GraphField& field) {
  std::vector<const BodyEdit*> newest_first;
  for (const BodyEdit& each : post.edits) newest_first.insert(newest_first.begin(), &each);
  GraphExecution& execution = field.execution;
  GraphConnection out = by_id("UserContentEdit", std::move(newest_first), [&execution](const BodyEdit& edit) {
    return GraphObject{"UserContentEdit",
                       {{"id", node_id("UCE", edit.id)},
                        {"createdAt", edit.edited_at},
                        {"editedAt", edit.edited_at},
                        {"updatedAt", edit.edited_at},
                        {"deletedAt", nullptr},
                        {"deletedBy", nullptr},
                        {"editor", actor_value(edit.editor, execution)},
                        {"diff", edit.text}}};
  });
  out.is_descending = true;
  return out;
}

std::string association_of(const std::string& login, const Repository& repository, const World& world) {
  if (login.empty()) return "NONE";
  const std::string affiliation = world.affiliation(login, repository);
  if (affiliation == "owner") return "OWNER";
  if (affiliation == "collaborator") return "COLLABORATOR";
  return affiliation == "organization_member" ? "MEMBER" : "NONE";
}

}  // namespace

std::string enum_name(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    c = c == ' ' || c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

GraphFields id_fields(const char* prefix, std::int64_t id) {
  return {{"id", node_id(prefix, id)}, {"databaseId", id}, {"fullDatabaseId", std::to_string(id)}};
}

GraphFields address_fields(const std::string& url, const GraphExecution& execution) {
  return {{"url", url}, {"resourcePath", url.substr(execution.scene().addresses.origin.size())}};
}

GraphFields post_fields(const Post& post, const Home& home, const GraphExecution& execution) {
  const bool is_edited = !post.edits.empty();
  const std::string& viewer = execution.token()->login;
  return {
      {"author",
       on_demand([&post](const GraphField& field) { return actor_value(post.author, field.execution); })},
      {"authorAssociation", on_demand([&post, home](const GraphField& field) {
         return association_of(post.author, home->repository, field.execution.world());
       })},
      {"body", post.body},
      {"bodyText", post.body},
      {"bodyHTML", "<p>" + post.body + "</p>"},
      {"createdAt", post.created_at},
      {"publishedAt", post.created_at},
      {"updatedAt", post.updated_at},
      {"lastEditedAt", is_edited ? GraphValue(post.edits.back().edited_at) : GraphValue()},
      {"editor", on_demand([&post](const GraphField& field) {
         return post.edits.empty() ? GraphValue() : actor_value(post.edits.back().editor, field.execution);
       })},
      {"includesCreatedEdit", is_edited},
      {"createdViaEmail", false},
      {"isMinimized", !post.minimized.empty()},
      {"minimizedReason", post.minimized.empty() ? GraphValue() : GraphValue(to_lower(post.minimized))},
      {"viewerDidAuthor", post.author == viewer},
      {"reactions", on_demand([&post](const GraphField& field) { return reactions_of(post, field); })},
      {"reactionGroups", on_demand([&post] { return reaction_groups(post); })},
      {"userContentEdits", on_demand([&post](const GraphField& field) { return edits_of(post, field); })}};
}

}  // namespace hubkeep::sim
