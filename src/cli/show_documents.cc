#include "cli/show_documents.h"

#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "app/environment_source.h"
#include "base/error.h"
#include "base/gist_name.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/output.h"
#include "cli/paged_output.h"
#include "metadata/conversation.h"
#include "metadata/conversation_text.h"
#include "metadata/document_json.h"
#include "metadata/document_list.h"
#include "metadata/document_words.h"
#include "metadata/overview.h"
#include "metadata/saved_documents.h"
#include "metadata/text_search.h"
#include "vault/select_snapshot.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kUsualWidth = 80;
constexpr std::size_t kPipedHit = 200;  // columns of a line that was found

std::optional<std::int64_t> number_from(std::string_view text) {
  std::int64_t number = 0;
  if (text.starts_with('#')) text.remove_prefix(1);
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size() || number <= 0) return std::nullopt;
  return number;
}

// A repository of the vault at a time.
struct OpenedRepository {
  const CatalogEntry& entry;
  Manifest manifest;
  SavedDocuments documents;
};

// The newest snapshot has all that is kept, complete or not.
OpenedRepository open_repository(Vault& vault, const CatalogEntry& entry, const std::string& at,
                                 const std::stop_token& stop) {
  const auto any = [](const Parts&) { return true; };
  Manifest manifest = find_snapshot(vault, entry, at, any, log_notice, stop).manifest;
  SavedDocuments documents(vault.objects(), entry.folder, manifest.parts, stop);
  return {entry, std::move(manifest), std::move(documents)};
}

// Content may be archived, and the vault may be damaged.
Error with_advice(const Error& error, Vault& vault, const CatalogEntry& entry) {
  const std::string name = exact_name(entry);
  if (error.kind() == ErrorKind::cold)
    return {ErrorKind::cold,
            fmt::format("{}: this asks for it, and when it is back, the same command can be run again: {}",
                        error.message(), vault.command("restore --thaw standard", name))};
  if (error.kind() == ErrorKind::corrupt || error.kind() == ErrorKind::not_found)
    return {error.kind(), fmt::format("{}: whether the vault is damaged is said by {}", error.message(),
                                      vault.command("verify --deep", name))};
  return error;
}

template <typename Action>
auto advised(Vault& vault, const CatalogEntry& entry, Action&& action) -> decltype(action()) {
  try {
    return action();
  } catch (const Error& error) {
    throw with_advice(error, vault, entry);
  }
}

class Show {
 public:
  Show(const OpenedRepository& opened, const ShowRequest& request)
      : opened_(opened),
        request_(request),
        environment_(read_environment()),
        width_(terminal_width(environment_)),
        name_(opened.entry.id.kind() == SubjectKind::gist ? "gist:" + opened.entry.id.str()
                                                          : opened.entry.listing.full_name) {}

  void run() const {
    const DocumentWord* const word = request_.kind.empty() ? nullptr : find_document_word(request_.kind);
    if (opened_.documents.has_gist()) return show_gist();
    const bool is_overview = word == nullptr && request_.id.empty();
    const bool is_of_releases = word != nullptr && word->kind == kRelease;
    if (is_of_releases ? !opened_.documents.releases() : !opened_.documents.meta()) {
      if (!is_overview || !opened_.documents.releases())
        refuse_unsaved(is_of_releases ? "releases" : "issues");
      log_line(LogLevel::normal, unsaved("issues"));
    }
    if (is_overview) return show_overview();
    if (word == nullptr || (word->item && !request_.id.empty())) return show_conversation();
    if (!request_.id.empty()) return show_one(*word);
    if (request_.json) return list_json(*word);
    word->item ? list_items_of(*word) : list_documents(*word);
  }

 private:
  std::string unsaved(std::string_view kind) const {
    return fmt::format(
        "{}: the snapshot {} has no {}: `hubkeep backup` saves them, unless --without keeps it from that",
        printable(name_), opened_.manifest.snapshot.str(),
        kind == "issues" ? "issues, nor what else GitHub knows of a repository" : kind);
  }
  [[noreturn]] void refuse_unsaved(std::string_view kind) const {
    throw Error(ErrorKind::invalid, unsaved(kind));
  }
  [[noreturn]] void refuse_missing(const std::string& what) const {
    throw Error(ErrorKind::invalid, fmt::format("{} has no {} in the snapshot {}", printable(name_),
                                                printable(what), opened_.manifest.snapshot.str()));
  }

  std::size_t text_width() const { return width_ == 0 ? kUsualWidth : width_; }
  std::string pager() const { return pager_of(environment_, width_ > 0); }
  void page(std::string_view text) const { PagedOutput(pager(), environment_).print(text); }
  void page_json(const Json& json) const { page(format_json_to_print(json) + "\n"); }

  void show_overview() const {
    if (request_.json) {
      Json json = {{"repository", name_}, {"snapshot", opened_.manifest.snapshot.str()}};
      json.update(overview_json(opened_.documents));
      return page_json(json);
    }
    page(fmt::format("{} as of {}, snapshot {}\n\n{}", printable(name_),
                     readable_time(format_time(time_of(opened_.manifest))), opened_.manifest.snapshot.str(),
                     overview_text(opened_.documents, text_width())));
  }

  void show_conversation() const {
    const std::int64_t number = number_from(request_.id).value_or(0);
    const MetaDocuments documents = opened_.documents.meta_documents();
    if (request_.json) {
      const Json json = conversation_json(documents, number);
      return json.is_null() ? refuse_missing("#" + request_.id) : page_json(json);
    }
    const auto conversation = read_conversation(documents, number);
    if (!conversation) refuse_missing("#" + request_.id);
    page(conversation_text(*conversation, name_, text_width()));
  }

  void show_gist() const {
    std::string gist;
    std::vector<std::string> comments;
    Json json = {{"item", nullptr}, {"comments", Json::array()}};
    opened_.documents.visit(
        {.kinds = {std::string(kGist), std::string(kGistComment)}}, [&](const MetaLine& line) {
          const bool is_gist = line.kind == kGist;
          if (request_.json)
            is_gist ? json["item"] = document_json(line) : json["comments"].emplace_back(document_json(line));
          else if (is_gist)
            gist = line.document;
          else
            comments.emplace_back(line.document);
        });
    if (request_.json) return page_json(json);
    page(conversation_text(gist_conversation(gist, comments), name_, text_width()));
  }

  // By its id, or as a list calls it.
  void show_one(const DocumentWord& word) const {
    std::optional<std::string> found;
    const auto take = [&](const MetaLine& line) {
      if (found) return;
      const Json document = parse_ordered_json(line.document, kLargestDocument);
      const ListRow row = row_of(line, document);
      if (line.id != request_.id && row.name != request_.id && row.title != request_.id) return;
      found = request_.json ? format_json_to_print(document_json(line)) + "\n"
                            : document_text(row, document, text_width());
    };
    opened_.documents.visit({.kinds = {std::string(word.kind)}}, take);
    if (!found) refuse_missing(fmt::format("{} {}", word.kind, request_.id));
    page(*found);
  }

  void list_json(const DocumentWord& word) const {
    PagedOutput output(pager(), environment_);
    JsonList list([&](std::string_view text) { output.print(text); });
    MetaFilter filter{.kinds = {std::string(word.kind)}};
    if (!word.graph.empty()) filter.kinds.emplace(word.graph);
    opened_.documents.visit(filter, [&](const MetaLine& line) {
      if (output.is_lost()) throw Error(ErrorKind::cancelled, "nobody reads what is printed");
      Json json = document_json(line);
      if (is_wanted(word, json)) list.add(json);
    });
    list.finish();
  }

  // A pull request is an issue, too.
  static bool is_wanted(const DocumentWord& word, const Json& json) {
    if (json.at("kind") != "issue") return true;
    const auto& document = json.at("document");
    const auto pull = document.find("pull_request");
    const bool is_pull = pull != document.end() && pull->is_object();
    return !word.item || is_pull == (word.item == ItemKind::pull_request);
  }

  void list_items_of(const DocumentWord& word) const {
    std::vector<ListRow> rows;
    for (const ItemSummary& item : list_items(opened_.documents.meta_documents(), *word.item))
      rows.push_back(row_of(item));
    print_rows(rows, word);
  }

  void list_documents(const DocumentWord& word) const {
    std::vector<ListRow> rows;
    opened_.documents.visit({.kinds = {std::string(word.kind)}}, [&](const MetaLine& line) {
      rows.push_back(row_of(line, parse_ordered_json(line.document, kLargestDocument)));
    });
    // Releases stand in the order in which GitHub lists them.
    if (word.kind != kRelease) sort_rows(rows);
    print_rows(rows, word);
  }

  void print_rows(const std::vector<ListRow>& rows, const DocumentWord& word) const {
    if (rows.empty()) log_line(LogLevel::normal, why_none(word));
    page(list_text(rows, width_));
  }

  std::string why_none(const DocumentWord& word) const {
    const std::string text = fmt::format("{} has no {}", printable(name_), word.word);
    const std::string kind(word.item == ItemKind::pull_request ? word.graph : word.kind);
    if (!opened_.documents.meta() || word.kind == kRelease) return text;
    const MetaPart& meta = *opened_.documents.meta();
    if (const auto found = meta.not_permitted.find(kind); found != meta.not_permitted.end())
      return fmt::format("{} in the vault: the token lacks the permission {}", text,
                         printable(found->second));
    if (meta.absent.contains(kind)) return text + ": they are switched off";
    if (const auto found = meta.lacking.find(kind); found != meta.lacking.end())
      return fmt::format("{} in the vault: {}", text, printable(found->second));
    return text;
  }

  const OpenedRepository& opened_;
  const ShowRequest& request_;
  const Environment environment_;
  const std::size_t width_;  // of the terminal; 0: it is none
  const std::string name_;
};

class Search {
 public:
  Search(Vault& vault, const SearchRequest& request, const std::stop_token& stop)
      : vault_(vault),
        request_(request),
        stop_(stop),
        search_(request.word),
        environment_(read_environment()),
        width_(terminal_width(environment_)),
        output_(pager_of(environment_, width_ > 0), environment_),
        json_([this](std::string_view text) { output_.print(text); }) {}

  void look_through(const CatalogEntry& entry) {
    if (output_.is_lost()) return;
    try {
      advised(vault_, entry, [&] {
        const OpenedRepository opened = open_repository(vault_, entry, request_.at, stop_);
        opened.documents.visit({}, [&](const MetaLine& line) {
          if (output_.is_lost()) throw Error(ErrorKind::cancelled, "nobody reads what is printed");
          search_.search(line, [&](const TextHit& hit) { print(entry, hit); });
        });
      });
    } catch (const Error& error) {
      if (output_.is_lost()) return;
      if (error.kind() == ErrorKind::cancelled) throw;
      failures_.push_back(printable(entry.listing.full_name) + ": " + error.message());
    }
  }

  ExitCode finish() {
    if (request_.json) json_.finish();
    for (const std::string& failure : failures_) log_error(failure);
    if (hits_ == 0) log_line(LogLevel::normal, fmt::format("nothing has '{}'", printable(request_.word)));
    return failures_.empty() ? ExitCode::ok : ExitCode::incomplete;
  }

 private:
  void print(const CatalogEntry& entry, const TextHit& hit) {
    ++hits_;
    const std::string& name = entry.listing.full_name;
    if (request_.json) return json_.add(hit_json(hit, name));
    output_.print(hit_text(hit, name, width_ == 0 ? kPipedHit : width_) + "\n");
  }

  Vault& vault_;
  const SearchRequest& request_;
  const std::stop_token& stop_;
  const TextSearch search_;
  const Environment environment_;
  const std::size_t width_;
  PagedOutput output_;
  JsonList json_;
  std::uint64_t hits_ = 0;
  std::vector<std::string> failures_;
};

}  // namespace

ShowRequest show_request(const std::string& repository, const std::vector<std::string>& words) {
  ShowRequest request{.repository = repository};
  if (words.empty()) return request;
  if (words.size() == 1 && number_from(words.front())) {
    request.id = words.front();
    return request;
  }
  const DocumentWord* const word = find_document_word(words.front());
  if (word == nullptr)
    throw Error(ErrorKind::invalid, fmt::format("'{}' is no number, and none of: {}",
                                                printable(words.front()), all_document_words()));
  if (gist_named(repository))
    throw Error(ErrorKind::invalid, "of a gist all is shown at once: hubkeep show gist:ID");
  request.kind = word->word;
  if (words.size() > 1) request.id = words[1];
  if (words.size() > 1 && word->item && !number_from(request.id))
    throw Error(ErrorKind::invalid, fmt::format("'{}' is no number", printable(request.id)));
  return request;
}

ExitCode show_documents(Vault& vault, const ShowRequest& request, const std::stop_token& stop) {
  const Catalog catalog = vault.load_catalog(log_notice, stop);
  const CatalogEntry& entry = find_repository(catalog, request.repository, vault.command("list"));
  const OpenedRepository opened = open_repository(vault, entry, request.at, stop);
  advised(vault, entry, [&] {
    try {
      Show(opened, request).run();
    } catch (const Error& error) {
      // finish_output() says the rest.
      if (error.kind() != ErrorKind::cancelled || stop.stop_requested()) throw;
    }
  });
  return ExitCode::ok;
}

ExitCode search_documents(Vault& vault, const SearchRequest& request, const std::stop_token& stop) {
  const Catalog catalog = vault.load_catalog(log_notice, stop);
  std::vector<const CatalogEntry*> entries;
  for (const std::string& name : request.repositories)
    entries.push_back(&find_repository(catalog, name, vault.command("list")));
  if (entries.empty())
    for (const auto& [key, entry] : catalog)
      if (!entry.has_only_zips()) entries.push_back(&entry);
  Search search(vault, request, stop);
  for (const CatalogEntry* entry : entries) search.look_through(*entry);
  return search.finish();
}

}  // namespace hubkeep
