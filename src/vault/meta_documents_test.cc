#include "vault/meta_documents.h"

#include <gmock/gmock.h>

#include <map>

#include "base/error.h"
#include "base/scratch_folder.h"
#include "store/folder/folder_store.h"
#include "vault/names.h"
#include "vault/stored_objects.h"

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr const char* kFolder = "repos/github.com/acme/site.1/";
constexpr UtcTime kTime{std::chrono::seconds(1'800'000'000)};

class MetaDocumentsTest : public testing::Test {
 protected:
  static std::string document(const std::string& kind, const std::string& id, const std::string& text,
                              const std::string& parent = "") {
    return to_line({.kind = kind, .id = id, .parent = parent, .at = kTime, .document = "{" + text + "}"});
  }
  static std::string gone(const std::string& kind, const std::string& id, const std::string& parent = "") {
    return to_line({.kind = kind, .id = id, .parent = parent, .gone = kTime, .document = {}});
  }

  void store(const std::vector<std::string>& lines, std::uint64_t replaced = 0) {
    const std::string id = SnapshotId::make(kTime + std::chrono::seconds(part_.documents.size())).str();
    RecordedWriter writer = objects_.create(kFolder, "meta/" + id + ".jsonl.zst");
    for (const std::string& line : lines) writer.write(line);
    part_.documents.push_back({writer.commit(), replaced});
  }

  // "kind id": its text, and "gone" behind that.
  std::map<std::string, std::string> read(const MetaFilter& filter = {}) {
    std::map<std::string, std::string> found;
    MetaDocuments(objects_, kFolder, part_, stop_.get_token()).visit(filter, [&](const MetaLine& line) {
      const std::string name = std::string(line.kind) + " " + line.id;
      EXPECT_FALSE(found.contains(name)) << name;
      found[name] = std::string(line.document) + (line.gone ? " gone" : "");
    });
    return found;
  }

  ScratchFolder folder_;
  VaultObjects objects_{std::make_unique<FolderStore>(folder_.path().string(), OpenMode::create)};
  MetaPart part_;
  std::stop_source stop_;
};

TEST_F(MetaDocumentsTest, OfNoIncrementsAreNone) {
  EXPECT_THAT(read(), IsEmpty());
}

TEST_F(MetaDocumentsTest, TheNewestLineOfAKindAndIdWins) {
  store({document("issue", "1", "1"), document("issue", "2", "2"), document("label", "1", "3")});
  store({document("issue", "2", "4")});
  store({document("issue", "2", "5"), document("issue", "3", "6")});

  EXPECT_THAT(read(), ElementsAre(Pair("issue 1", "{1}"), Pair("issue 2", "{5}"), Pair("issue 3", "{6}"),
                                  Pair("label 1", "{3}")));
}

TEST_F(MetaDocumentsTest, WhatIsGoneKeepsItsLastDocument) {
  store({document("issue", "1", "1"), document("issue", "2", "2")});
  store({document("issue", "1", "3")});
  store({gone("issue", "1")});

  EXPECT_THAT(read(), ElementsAre(Pair("issue 1", "{3} gone"), Pair("issue 2", "{2}")));
}

TEST_F(MetaDocumentsTest, ADocumentAfterGoneIsBack) {
  store({document("issue", "1", "1")});
  store({gone("issue", "1")});
  store({document("issue", "1", "1")});

  EXPECT_THAT(read(), ElementsAre(Pair("issue 1", "{1}")));
}

TEST_F(MetaDocumentsTest, OfWhatIsGoneAndNeverWasNothingIsKnown) {
  store({gone("issue", "1")});

  EXPECT_THAT(read(), IsEmpty());
}

TEST_F(MetaDocumentsTest, TheLastLineOfOneIncrementWins) {
  store({document("issue", "1", "1"), document("issue", "2", "2"), document("issue", "3", "3")});
  store({document("issue", "1", "4"), gone("issue", "1"), document("issue", "1", "5"),  // back again
         gone("issue", "2"), document("issue", "2", "6"), document("issue", "2", "7"), gone("issue", "2"),
         gone("issue", "3"), gone("issue", "3")},
        5);

  EXPECT_THAT(read(),
              ElementsAre(Pair("issue 1", "{5}"), Pair("issue 2", "{7} gone"), Pair("issue 3", "{3} gone")));
}

TEST_F(MetaDocumentsTest, AreFilteredByKindIdParentAndNumber) {
  store({document("issue", "7", "1"), document("comment", "7", "2", "1"), document("comment", "8", "3", "7"),
         document("issue", "8", "4"), document("unheard_of", "9", "5", "7")});
  store({gone("comment", "8", "7")});

  EXPECT_THAT(read({.kinds = {"issue"}}), ElementsAre(Pair("issue 7", "{1}"), Pair("issue 8", "{4}")));
  EXPECT_THAT(read({.kinds = {"comment"}, .id = "7"}), ElementsAre(Pair("comment 7", "{2}")));
  EXPECT_THAT(read({.parent = "1"}), ElementsAre(Pair("comment 7", "{2}")));
  EXPECT_THAT(read({.number = "7"}), ElementsAre(Pair("comment 8", "{3} gone"), Pair("issue 7", "{1}"),
                                                 Pair("unheard_of 9", "{5}")));
}

TEST_F(MetaDocumentsTest, AreFoundByIdsThatStandEscaped) {
  store({document("environment", "a\"7\\", "1", "x\ty"), document("environment", "7", "2"),
         "{\"kind\":\"issue\",\"id\":\"\\u0037\",\"at\":\"2026-11-30T10:00:00Z\",\"document\":{3}}\n"});

  EXPECT_THAT(read({.id = "a\"7\\"}), ElementsAre(Pair("environment a\"7\\", "{1}")));
  EXPECT_THAT(read({.parent = "x\ty"}), ElementsAre(Pair("environment a\"7\\", "{1}")));
  EXPECT_THAT(read({.number = "7"}), ElementsAre(Pair("environment 7", "{2}"), Pair("issue 7", "{3}")));
}

TEST_F(MetaDocumentsTest, ThatAreDamagedOrMissingAreSaid) {
  store({document("issue", "1", "1")});
  store({document("issue", "1", "2"), "{\"kind\":1}\n"});
  EXPECT_THROW(read(), Error);

  part_.documents.pop_back();
  EXPECT_THAT(read(), ElementsAre(Pair("issue 1", "{1}")));
  remove_object(objects_, kFolder + part_.documents.front().record.key);
  EXPECT_THROW(read(), Error);
}

}  // namespace
}  // namespace hubkeep
