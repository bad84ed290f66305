#include <fmt/format.h>

#include <algorithm>

#include "sim/graph_nodes.h"

namespace hubkeep::sim {

using nlohmann::json;

namespace {

using Comments = std::vector<const DiscussionComment*>;

const DiscussionComment* comment_of(const Discussion& discussion, CommentId id) {
  const auto found = std::find_if(discussion.comments.begin(), discussion.comments.end(),
                                  [id](const DiscussionComment& each) { return each.id == id; });
  return found == discussion.comments.end() ? nullptr : &*found;
}

/// Those that stand on the discussion itself (0) or answer a comment.
Comments replies_to(const Discussion& discussion, CommentId id) {
  Comments out;
  for (const DiscussionComment& each : discussion.comments) {
    if (each.reply_to == id) out.push_back(&each);
  }
  return out;
}

GraphObject comment_object(const DiscussionComment& comment, const Home& home, const Discussion& discussion,
                           const GraphExecution& execution);

GraphConnection comments_below(const Home& home, const Discussion& discussion, CommentId id,
                               const GraphField& field) {
  GraphExecution& execution = field.execution;
  return by_id("DiscussionComment", replies_to(discussion, id),
               [home, &discussion, &execution](const DiscussionComment& each) {
                 return comment_object(each, home, discussion, execution);
               });
}

GraphObject comment_object(const DiscussionComment& comment, const Home& home, const Discussion& discussion,
                           const GraphExecution& execution) {
  const auto one = [home, &discussion](CommentId id) {
    return on_demand([home, &discussion, id](const GraphField& field) {
      return discussion_comment_value(home, discussion.number, id, field.execution);
    });
  };
  GraphFields fields = {{"id", node_id("DC", comment.id)},
                        {"databaseId", comment.id},
                        {"deletedAt", comment.deleted_at},
                        {"isAnswer", discussion.answer == comment.id},
                        {"upvoteCount", comment.upvoters.size()},
                        {"replyTo", comment.reply_to == 0 ? GraphValue() : one(comment.reply_to)},
                        {"replies", on_demand([home, &discussion, id = comment.id](const GraphField& field) {
                           return comments_below(home, discussion, id, field);
                         })}};
  if (comment.deleted_at)
    append(fields, {{"author", nullptr}, {"body", ""}, {"bodyText", ""}, {"bodyHTML", ""}});
  append(fields, post_fields(comment.post, home, execution));
  append(fields, address_fields(fmt::format("{}/discussions/{}#discussioncomment-{}", home->url,
                                            discussion.number, comment.id),
                                execution));
  return {"DiscussionComment", std::move(fields)};
}

GraphObject category_object(const DiscussionCategory& category) {
  return {"DiscussionCategory",
          {{"id", node_id("DIC", category.id)},
           {"name", category.name},
           {"slug", category.slug},
           {"emoji", category.emoji},
           {"description", category.description},
           {"isAnswerable", category.is_answerable},
           {"createdAt", category.created_at},
           {"updatedAt", category.updated_at}}};
}

GraphValue category_value(const Home& home, std::int64_t id) {
  for (const DiscussionCategory& each : home->metadata.categories) {
    if (each.id == id) return category_object(each);
  }
  return nullptr;
}

GraphValue poll_value(const Discussion& discussion) {
  if (!discussion.poll) return nullptr;
  const Poll& poll = *discussion.poll;
  std::size_t votes = 0;
  std::vector<const PollOption*> options;
  for (const PollOption& each : poll.options) {
    votes += each.voters.size();
    options.push_back(&each);
  }
  return GraphObject{"DiscussionPoll",
                     {{"id", node_id("DP", poll.id)},
                      {"question", poll.question},
                      {"totalVoteCount", votes},
                      {"options", connection_of("DiscussionPollOption", options, [](const PollOption* each) {
                         return GraphObject{"DiscussionPollOption",
                                            {{"id", node_id("DPO", each->id)},
                                             {"option", each->text},
                                             {"totalVoteCount", each->voters.size()},
                                             {"viewerHasVoted", false}}};
                       })}}};
}

GraphObject discussion_object(const Discussion& discussion, const Home& home,
                              const GraphExecution& execution) {
  const bool is_answerable = [&] {
    const auto& all = home->metadata.categories;
    return std::any_of(all.begin(), all.end(), [&](const DiscussionCategory& each) {
      return each.id == discussion.category && each.is_answerable;
    });
  }();
  GraphFields fields = id_fields("D", discussion.id);
  append(fields, post_fields(discussion.post, home, execution));
  append(fields, address_fields(fmt::format("{}/discussions/{}", home->url, discussion.number), execution));
  append(
      fields,
      {{"number", discussion.number},
       {"title", discussion.title},
       {"locked", discussion.locked},
       {"activeLockReason", nullptr},
       {"closed", discussion.closed_at.has_value()},
       {"closedAt", discussion.closed_at},
       {"stateReason", discussion.state_reason.empty() ? GraphValue() : GraphValue(discussion.state_reason)},
       {"upvoteCount", discussion.upvoters.size()},
       {"isAnswered", is_answerable ? GraphValue(discussion.answer != 0) : GraphValue()},
       {"answer", on_demand([home, &discussion](const GraphField& field) {
          return discussion_comment_value(home, discussion.number, discussion.answer, field.execution);
        })},
       {"answerChosenAt", discussion.answer_chosen_at},
       {"answerChosenBy", actor_value(discussion.answer_chosen_by, execution)},
       {"category", category_value(home, discussion.category)},
       {"repository",
        on_demand([home](const GraphField& field) { return repository_value(home, field.execution); })},
       {"poll", on_demand([&discussion] { return poll_value(discussion); })},
       {"labels", on_demand([home, &discussion] {
          std::vector<std::int64_t> ids;
          for (const std::int64_t id : discussion.labels) {
            if (home->metadata.labels.contains(id)) ids.push_back(id);
          }
          return connection_of("Label", std::move(ids),
                               [home](std::int64_t id) { return label_value(home, id); });
        })},
       {"comments", on_demand([home, &discussion](const GraphField& field) {
          return comments_below(home, discussion, 0, field);
        })}});
  return {"Discussion", std::move(fields)};
}

/// Newest update first unless the argument orderBy says else.
GraphConnection discussions_of(const Home& home, const GraphField& field) {
  const json order = field.asked.arguments.value("orderBy", json::object());
  const bool by_update = order.value("field", "UPDATED_AT") == "UPDATED_AT";
  const bool is_descending = order.value("direction", "DESC") == "DESC";
  const auto key = [by_update](const Discussion& each) {
    const UtcTime time = by_update ? each.post.updated_at : each.post.created_at;
    return graph_key(time.time_since_epoch().count()) + graph_key(each.number);
  };
  auto all = pointers_to(home->metadata.discussions);
  std::sort(all.begin(), all.end(), [&](const Discussion* a, const Discussion* b) {
    return is_descending ? key(*b) < key(*a) : key(*a) < key(*b);
  });
  const auto shared = std::make_shared<const std::vector<const Discussion*>>(std::move(all));
  GraphExecution& execution = field.execution;
  return {.of = "Discussion",
          .count = shared->size(),
          .node = [shared, home, &execution](std::size_t i) -> GraphValue {
            return discussion_object(*(*shared)[i], home, execution);
          },
          .key = [shared, key](std::size_t i) { return key(*(*shared)[i]); },
          .is_descending = is_descending};
}

}  // namespace

GraphValue discussion_value(const Home& home, std::int64_t number, const GraphExecution& execution) {
  const auto found = home->metadata.discussions.find(number);
  return found == home->metadata.discussions.end() ? GraphValue()
                                                   : discussion_object(found->second, home, execution);
}

GraphValue discussion_comment_value(const Home& home, std::int64_t number, CommentId id,
                                    const GraphExecution& execution) {
  const auto found = home->metadata.discussions.find(number);
  if (found == home->metadata.discussions.end()) return nullptr;
  const DiscussionComment* comment = comment_of(found->second, id);
  return comment == nullptr ? GraphValue() : comment_object(*comment, home, found->second, execution);
}

GraphFields discussion_lists(const Home& home) {
  return {{"discussions", on_demand([home](const GraphField& field) { return discussions_of(home, field); })},
          {"discussion", on_demand([home](const GraphField& field) {
             return discussion_value(home, field.asked.arguments.value("number", std::int64_t{0}),
                                     field.execution);
           })},
          {"discussionCategories", on_demand([home] {
             return connection_of("DiscussionCategory", home->metadata.categories, category_object);
           })}};
}

}  // namespace hubkeep::sim
