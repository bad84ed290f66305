// Vaults whose manifests agree with what lies there, and are wrong all the same: only who makes the objects
// again, and follows what they name, can tell.
#include "verify/deep_proof.h"

#include <gmock/gmock.h>

#include <functional>
#include <set>

#include "git/bundle.h"
#include "git/pack_maker.h"
#include "pack/index_pack_test.h"
#include "store/forwarding_store.h"
#include "vault/refs_object.h"
#include "verify/verify_fixture.h"
#include "verify/verify_vault.h"

namespace hubkeep {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct TreeLine {
  std::string name;
  Oid oid;
  std::string mode = "100644";
};

MadeObject tree_of(const std::vector<TreeLine>& lines) {
  std::string content;
  for (const TreeLine& line : lines)
    content += line.mode + " " + line.name + std::string(1, '\0') + std::string(line.oid.raw());
  return {2, content};
}

MadeObject commit_of(const Oid& tree, const std::vector<Oid>& parents = {}) {
  std::string text = "tree " + tree.hex() + "\n";
  for (const Oid& parent : parents) text += "parent " + parent.hex() + "\n";
  return {1, text + "author A <a@example.org> 1 +0000\ncommitter A <a@example.org> 1 +0000\n\nm\n"};
}

/// What a backup brings. Where nothing is brought, there is no bundle.
struct Brought {
  std::vector<MadeObject> objects = {};
  RefList refs = {};  // of the snapshot
  std::vector<Oid> held = {};
  Head head = {};
  std::string pack = {};  // instead of the objects
  bool has_index = true;
  std::optional<std::string> index = {};  // instead of the pack's own
  std::function<void(Bundle&)> lie = [](Bundle&) {};
  std::optional<BundleHeader> header = {};
};

class DeepProof : public VerifyTest {
 protected:
  DeepProof() { make_history(); }

  /// Two files in a folder, the first commit; then a second, which changes one.
  void make_history(ObjectFormat format = ObjectFormat::sha1) {
    format_ = format;
    one_ = git_blob("what one says\n");
    two_ = git_blob("what two says\n");
    tree_ = tree_of({{"one", one_.oid(format_)}, {"two", two_.oid(format_)}});
    first_ = commit_of(tree_.oid(format_));
    three_ = git_blob("what three says\n");
    next_tree_ = tree_of({{"one", one_.oid(format_)}, {"two", three_.oid(format_)}});
    second_ = commit_of(next_tree_.oid(format_), {first_.oid(format_)});
  }

  Head main_at(const MadeObject& commit) const { return {"refs/heads/main", commit.oid(format_)}; }
  RefList refs_at(const MadeObject& commit) const { return {{"refs/heads/main", commit.oid(format_)}}; }
  Brought base() const {
    return {.objects = {first_, tree_, one_, two_}, .refs = refs_at(first_), .head = main_at(first_)};
  }
  Brought increment() const {
    return {.objects = {second_, next_tree_, three_}, .refs = refs_at(second_), .head = main_at(second_)};
  }

  std::string pack_of(const std::vector<MadeObject>& objects) const {
    PackMaker maker(format_);
    for (const MadeObject& object : objects) maker.add(object);
    return maker.pack();
  }

  Manifest save(const Brought& brought, std::int64_t id = 7) {
    Manifest manifest = next_manifest(id);
    GitPart git = manifest.parts.empty() ? GitPart() : git_part(manifest.parts);
    git.format = format_;
    git.head = brought.head;
    git.held = brought.held;
    if (!git.held.empty()) git.status = PartStatus::partial;
    const std::string name = "git/" + manifest.snapshot.str();
    if (!brought.objects.empty() || !brought.pack.empty())
      git.bundles.push_back(write_bundle(manifest, name, brought, git));
    git.refs = {write_refs_object(vault_.objects(), folder_of(id), name + ".refs.zst", brought.refs)};
    set_git_part(manifest.parts, git);
    commit(manifest);
    return manifest;
  }

  Bundle write_bundle(const Manifest& manifest, const std::string& name, const Brought& brought,
                      const GitPart& before) {
    const std::string pack = brought.pack.empty() ? pack_of(brought.objects) : brought.pack;
    StringSink bundle_bytes;
    const ByteCount header = write_bundle_header(
        brought.header.value_or(BundleHeader{.format = format_, .prerequisites = {}, .refs = brought.refs}),
        bundle_bytes);
    bundle_bytes.write(pack);
    Bundle bundle{.snapshot = manifest.snapshot,
                  .builds_on = before.bundles.empty() ? SnapshotId() : before.bundles.back().snapshot,
                  .pack_offset = header,
                  .objects = static_cast<std::uint32_t>(
                      brought.pack.empty() ? brought.objects.size() : static_cast<unsigned char>(pack[11])),
                  .record = put(manifest.repository_id, name + ".bundle", bundle_bytes.str())};
    if (brought.index)
      bundle.index = put(manifest.repository_id, name + ".idx", *brought.index);
    else if (brought.has_index)
      bundle.index = put(manifest.repository_id, name + ".idx", index_of(pack));
    brought.lie(bundle);
    return bundle;
  }
  std::string index_of(const std::string& pack) {
    return index_pack(pack, format_, {.elsewhere = &all_}).index;
  }
  ObjectRecord put(const SubjectId& id, const std::string& key, const std::string& bytes) {
    RecordedWriter writer = vault_.objects().create(folder_of(id), key);
    writer.write(bytes);
    return writer.commit();
  }

  VerifySummary summary_of(const VerifyOptions& options) {
    return verify_vault(vault_, options, observer_, {});
  }
  Verdict verdict() {
    const auto summary = summary_of({.proof = ProofKind::deep, .scratch = scratch_, .memory = memory_});
    EXPECT_THAT(summary.verdicts, SizeIs(1));
    return summary.verdicts.front();
  }
  /// "<key>: <detail>" of the only damage, and checks whom it concerns.
  std::string only_damage(const std::vector<Manifest>& of, DamageKind kind = DamageKind::connectivity) {
    const Verdict found = verdict();
    EXPECT_FALSE(found.is_good());
    EXPECT_EQ(found.error, std::nullopt);
    EXPECT_EQ(found.proved, found.snapshots - (kind == DamageKind::connectivity ? of.size() : 0));
    EXPECT_EQ(found.restorable, found.snapshots - of.size());
    if (found.damages.size() != 1) return std::to_string(found.damages.size()) + " damages";
    const Damage& damage = found.damages.front();
    std::vector<SnapshotId> snapshots;
    for (auto manifest = of.rbegin(); manifest != of.rend(); ++manifest)
      snapshots.push_back(manifest->snapshot);
    EXPECT_EQ(damage.snapshots, snapshots);
    EXPECT_EQ(damage.kind, kind);
    return damage.key + ": " + damage.detail;
  }
  void expect_whole(std::size_t snapshots) {
    const Verdict found = verdict();
    EXPECT_TRUE(found.is_good());
    EXPECT_EQ(found.proved, snapshots);
    EXPECT_EQ(found.restorable, snapshots);
    EXPECT_THAT(found.damages, IsEmpty());
    EXPECT_EQ(found.error, std::nullopt);
    for (const auto& damage : found.damages) ADD_FAILURE() << damage.key << ": " << damage.detail;
  }

  /// The objects of the fixture, as bases.
  class All final : public ObjectSource {
   public:
    explicit All(const DeepProof& test) : test_(test) {}
    bool contains(const Oid& oid) const override { return find(oid) != nullptr; }
    std::optional<GitObject> read(const Oid& oid, const std::stop_token&) override {
      const MadeObject* found = find(oid);
      if (found == nullptr) return std::nullopt;
      return GitObject{static_cast<ObjectType>(found->type), found->content};
    }

   private:
    const MadeObject* find(const Oid& oid) const {
      for (const MadeObject* object : {&test_.one_, &test_.two_, &test_.three_})
        if (object->oid(test_.format_) == oid) return object;
      return nullptr;
    }
    const DeepProof& test_;
  };

  ObjectFormat format_ = ObjectFormat::sha1;
  MadeObject one_, two_, three_, tree_, next_tree_, first_, second_;
  All all_{*this};
  std::filesystem::path scratch_;
  MemoryBudget* memory_ = nullptr;
};

std::string key_of(const Manifest& manifest, const std::string& suffix) {
  return "/git/" + manifest.snapshot.str() + suffix + ": ";
}

TEST_F(DeepProof, OfWhatIsWholeFindsNothing) {
  save(base());
  save(increment());
  save({.refs = refs_at(second_), .head = main_at(second_)});

  expect_whole(3);
}

TEST_F(DeepProof, NeedsNoIndexInTheVault) {
  Brought old = base();
  old.has_index = false;
  save(old);
  save(increment());

  expect_whole(2);
}

TEST_F(DeepProof, OfAnEmptyRepositoryFindsNothing) {
  save({.head = {"refs/heads/main", std::nullopt}});

  expect_whole(1);
}

TEST_F(DeepProof, ReadsEachByteOnceWhateverTheNumberOfChains) {
  const Manifest first = save(base());
  save(increment());
  newest_.at(7).manifest.parts = first.parts;  // another chain goes on from there
  save(increment());

  const Verdict found = verdict();
  const Verdict read = summary_of({.read = DataSubset::parse("1/1")}).verdicts.front();

  EXPECT_EQ(found.proved, 3U);
  EXPECT_GT(read.bytes_read, 0U);
  EXPECT_EQ(found.bytes_read, read.bytes_read);
  EXPECT_EQ(found.objects_read, read.objects_read);
}

TEST_F(DeepProof, NamesAnObjectThatWasLeftOut) {
  Brought lacking = base();
  std::erase_if(lacking.objects, [&](const MadeObject& object) { return object.content == two_.content; });
  const Manifest first = save(lacking);
  const Manifest second = save(increment());

  EXPECT_THAT(only_damage({first, second}),
              AllOf(HasSubstr(key_of(first, ".bundle")),
                    HasSubstr("blob " + two_.oid().hex() + " is missing, which tree " + tree_.oid().hex() +
                              " names")));
}

TEST_F(DeepProof, BlamesTheSnapshotBeforeALaterBundleBringsIt) {
  Brought lacking = base();
  lacking.objects.pop_back();
  const Manifest first = save(lacking);
  Brought more = increment();
  more.objects.push_back(two_);
  save(more);

  EXPECT_THAT(only_damage({first}), HasSubstr(key_of(first, ".bundle")));
}

TEST_F(DeepProof, FindsAPackThatBelongsElsewhere) {
  const MadeObject other = git_commit("of another repository");
  save(base());
  Brought foreign = increment();
  foreign.objects = {other, MadeObject{2, ""}};
  const Manifest second = save(foreign);

  EXPECT_THAT(only_damage({second}), AllOf(HasSubstr(key_of(second, ".bundle")), HasSubstr("refs/heads/main"),
                                           HasSubstr(second_.oid().hex())));
}

TEST_F(DeepProof, FindsARefToNothing) {
  save(base());
  RefList refs = refs_at(first_);
  refs.add("refs/heads/nowhere", three_.oid());
  const Manifest second = save({.refs = refs, .head = main_at(first_)});
  save({.refs = refs_at(first_), .head = main_at(first_)});

  EXPECT_THAT(only_damage({second}),
              AllOf(HasSubstr(key_of(second, ".refs.zst")),
                    HasSubstr("refs/heads/nowhere leads to " + three_.oid().hex() + ", which is missing")));
}

TEST_F(DeepProof, TakesAHeldCommitForATip) {
  save({.objects = {first_, tree_, one_, two_},
        .held = {first_.oid()},
        .header = BundleHeader{
            .format = format_, .prerequisites = {}, .refs = {{held_ref(first_.oid()), first_.oid()}}}});
  save({.held = {first_.oid()}});
  save(increment());

  expect_whole(3);
  const ScratchFolder own;
  EXPECT_TRUE(summary_of({.proof = ProofKind::restore, .scratch = own.path()}).verdicts.front().is_good());
}

TEST_F(DeepProof, FindsAHeldCommitThatIsMissing) {
  save(base());
  const Manifest second = save({.refs = refs_at(first_), .held = {second_.oid()}, .head = main_at(first_)});

  EXPECT_THAT(only_damage({second}),
              HasSubstr(held_ref(second_.oid()) + " leads to " + second_.oid().hex() + ", which is missing"));
  const ScratchFolder own;
  const auto restored = summary_of({.proof = ProofKind::restore, .scratch = own.path()}).verdicts.front();
  EXPECT_EQ(restored.proved, 1U);
  ASSERT_THAT(restored.damages, SizeIs(1));
  EXPECT_THAT(restored.damages.front().detail, HasSubstr(held_ref(second_.oid())));
}

TEST_F(DeepProof, FindsAHeadToNothing) {
  save(base());
  const Manifest detached = save({.refs = refs_at(first_), .head = {"", three_.oid()}});

  EXPECT_THAT(only_damage({detached}), HasSubstr("HEAD leads to " + three_.oid().hex()));
}

TEST_F(DeepProof, FindsAHeadOnABranchThatIsNotThere) {
  save(base());
  const Manifest second = save({.refs = refs_at(first_), .head = {"refs/heads/gone", first_.oid()}});

  EXPECT_THAT(only_damage({second}), HasSubstr("HEAD leads to refs/heads/gone, which is no ref"));
}

TEST_F(DeepProof, FindsAnObjectOfAnotherTypeInAnotherPack) {
  save(base());
  const MadeObject wrong = tree_of({{"file", first_.oid()}});
  const MadeObject commit = commit_of(wrong.oid(), {first_.oid()});
  const Manifest second =
      save({.objects = {commit, wrong}, .refs = refs_at(commit), .head = main_at(commit)});

  EXPECT_THAT(only_damage({second}), HasSubstr(first_.oid().hex() + " is a commit, and tree " +
                                               wrong.oid().hex() + " names it as a blob"));
}

TEST_F(DeepProof, FindsATreeThatNobodyCanWalk) {
  const MadeObject cut{2, "100644 name"};
  const MadeObject commit = commit_of(cut.oid());
  const Manifest first = save({.objects = {commit, cut}, .refs = refs_at(commit), .head = main_at(commit)});

  EXPECT_THAT(only_damage({first}), HasSubstr("tree " + cut.oid().hex()));
}

TEST_F(DeepProof, FindsWhatAPackCannotBe) {
  Brought broken = base();
  broken.pack = pack_of(broken.objects);
  broken.pack[broken.pack.size() / 2] = static_cast<char>(broken.pack[broken.pack.size() / 2] ^ 1);
  broken.has_index = false;
  const Manifest first = save(broken);

  EXPECT_THAT(only_damage({first}),
              AllOf(HasSubstr(key_of(first, ".bundle")), HasSubstr("git cannot read its pack")));
}

TEST_F(DeepProof, FindsAPackThatEndsEarly) {
  Brought cut = base();
  cut.pack = pack_of(cut.objects);
  cut.pack.resize(cut.pack.size() - 25);
  cut.has_index = false;
  const Manifest first = save(cut);

  EXPECT_THAT(only_damage({first}), HasSubstr(key_of(first, ".bundle")));
}

class DeepProofOfThinPacks : public DeepProof, public testing::WithParamInterface<bool> {
 protected:
  DeepProofOfThinPacks() {
    if (GetParam()) scratch_ = own_.path() / "new";
  }
  Brought thin() const {
    Brought thin = increment();
    PackMaker maker;
    maker.add(second_).add(next_tree_).add_delta(two_.oid(), delta_from(two_.content, three_.content));
    thin.pack = maker.pack();
    return thin;
  }
  ScratchFolder own_;
};

TEST_P(DeepProofOfThinPacks, FindsTheirBasesInThePacksBefore) {
  save(base());
  save(thin());

  expect_whole(2);
  EXPECT_TRUE(!GetParam() || std::filesystem::is_empty(scratch_));
}

TEST_P(DeepProofOfThinPacks, BlamesThePackThatLeftTheBaseOut) {
  Brought lacking = base();
  lacking.objects.pop_back();
  const Manifest first = save(lacking);
  const Manifest second = save(thin());

  EXPECT_THAT(only_damage({first, second}), HasSubstr(key_of(first, ".bundle")));
}

INSTANTIATE_TEST_SUITE_P(InPieces, DeepProofOfThinPacks, testing::Values(false));
INSTANTIATE_TEST_SUITE_P(FromScratch, DeepProofOfThinPacks, testing::Values(true));

struct IndexLie {
  const char* name;
  std::function<void(std::vector<PackIndexEntry>&)> change;
  const char* says;
};

class IndexLies : public DeepProof, public testing::WithParamInterface<IndexLie> {};

TEST_P(IndexLies, AreFoundUnderTheIndex) {
  const std::string bytes = index_of(pack_of(base().objects));
  const PackIndex honest_index(bytes, format_);
  std::vector<PackIndexEntry> entries;
  for (std::size_t place = 0; place < honest_index.size(); ++place)
    entries.push_back(honest_index.entry(place));
  GetParam().change(entries);
  StringSink index;
  write_pack_index(entries, honest_index.checksum(), index);
  Brought lying = base();
  lying.index = index.str();
  const Manifest first = save(lying);
  const Manifest second = save(increment());

  EXPECT_THAT(only_damage({first, second}, DamageKind::index),
              AllOf(HasSubstr(key_of(first, ".idx")), HasSubstr("is not the index of its bundle's pack"),
                    HasSubstr(GetParam().says)));
}

INSTANTIATE_TEST_SUITE_P(
    All, IndexLies,
    testing::Values(IndexLie{"Offset", [](auto& entries) { entries[1].offset += 1; }, "begins at"},
                    IndexLie{"Crc", [](auto& entries) { entries[2].crc32 ^= 1; }, "has the CRC-32"},
                    IndexLie{"Lack", [](auto& entries) { entries.erase(entries.begin()); }, "it lacks"},
                    IndexLie{"More", [](auto& entries) { entries.push_back(entries.back()); }, "it names"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST_F(DeepProof, FindsTheIndexOfAnotherPack) {
  Brought lying = base();
  lying.index = index_of(pack_of({one_, three_}));
  const Manifest first = save(lying);

  EXPECT_THAT(only_damage({first}, DamageKind::index), HasSubstr(key_of(first, ".idx")));
}

TEST_F(DeepProof, FindsWhatIsNoIndex) {
  Brought lying = base();
  lying.index = "no index";
  const Manifest first = save(lying);

  EXPECT_THAT(only_damage({first}, DamageKind::index), HasSubstr("not the index of a pack"));
}

// A manifest alone may lie: then the others are whole.
TEST_F(DeepProof, HoldsWhatEachManifestSaysOfABundleAgainstIt) {
  save(base());
  Manifest lying = next_manifest(7);
  GitPart git = git_part(lying.parts);
  git.bundles.front().objects = 5;
  git.bundles.front().pack_offset += 1;
  set_git_part(lying.parts, git);
  commit(lying);

  const Verdict found = verdict();

  EXPECT_EQ(found.restorable, 1U);
  ASSERT_THAT(found.damages, SizeIs(1));
  EXPECT_THAT(found.damages.front().snapshots, ElementsAre(lying.snapshot));
  EXPECT_THAT(found.damages.front().detail, HasSubstr("its pack begins at "));
}

TEST_F(DeepProof, FindsAWrongNumberOfObjects) {
  Brought lying = base();
  lying.lie = [](Bundle& bundle) { bundle.objects = 9; };
  const Manifest first = save(lying);

  EXPECT_THAT(verdict().damages.at(0).detail, HasSubstr("its pack has 4 objects, and the manifest says 9"));
  EXPECT_THAT(verdict().damages.at(0).snapshots, ElementsAre(first.snapshot));
}

TEST_F(DeepProof, FindsAHeaderThatDisagreesWithTheRefs) {
  save(base());
  Brought lying = increment();
  lying.header = BundleHeader{.format = format_, .prerequisites = {first_.oid()}, .refs = refs_at(first_)};
  const Manifest second = save(lying);

  EXPECT_THAT(only_damage({second}),
              AllOf(HasSubstr(key_of(second, ".bundle")), HasSubstr("and the bundle's header says")));
}

TEST_F(DeepProof, FindsAHeaderThatNamesNothing) {
  Brought lying = base();
  RefList refs = refs_at(first_);
  refs.add("refs/tags/v1", three_.oid());
  lying.header = BundleHeader{.format = format_, .prerequisites = {}, .refs = refs};
  const Manifest first = save(lying);

  const Verdict found = verdict();

  ASSERT_THAT(found.damages, SizeIs(1));
  EXPECT_THAT(found.damages.front().detail,
              HasSubstr("its header says that refs/tags/v1 is " + three_.oid().hex()));
  EXPECT_THAT(found.damages.front().snapshots, ElementsAre(first.snapshot));
}

TEST_F(DeepProof, FindsABundleThatBuildsOnNothing) {
  Brought lying = base();
  lying.header = BundleHeader{.format = format_, .prerequisites = {second_.oid()}, .refs = refs_at(first_)};
  save(lying);

  EXPECT_THAT(verdict().damages.at(0).detail, HasSubstr("its header builds on " + second_.oid().hex()));
}

TEST_F(DeepProof, LeavesDamageOfTheStoreToOtherChecks) {
  const Manifest first = save(base());
  const Manifest second = save(increment());
  flip_a_bit(bundle_file(second), 100);

  const Verdict found = verdict();

  EXPECT_EQ(found.proved, 1U);
  ASSERT_THAT(found.damages, SizeIs(1));
  EXPECT_EQ(found.damages.front().kind, DamageKind::content);
  EXPECT_THAT(found.damages.front().snapshots, ElementsAre(second.snapshot));
}

TEST_F(DeepProof, TellsOfADamagedIndexAlone) {
  const Manifest first = save(base());
  const std::string key = git_part(first.parts).bundles.front().index->key;
  flip_a_bit(file(folder_of(7) + key), 1100);

  const Verdict found = verdict();

  EXPECT_EQ(found.proved, 1U);
  ASSERT_THAT(found.damages, SizeIs(1));
  EXPECT_EQ(found.damages.front().kind, DamageKind::content);
  EXPECT_THAT(found.damages.front().key, EndsWith(".idx"));
}

TEST_F(DeepProof, SaysWhatDoesNotFitIntoTheMemory) {
  save(base());
  MemoryBudget little(ByteCount{1} << 20);
  memory_ = &little;

  const Verdict found = verdict();

  EXPECT_FALSE(found.is_good());
  ASSERT_TRUE(found.error);
  EXPECT_THAT(found.error->message(), HasSubstr("raise --memory"));
  EXPECT_EQ(found.proved, 0U);
  EXPECT_THAT(found.damages, IsEmpty());
}

TEST_F(DeepProof, SharesTheMemoryAmongRepositories) {
  for (const std::int64_t id : {7, 8, 9}) save(base(), id);
  MemoryBudget memory(ByteCount{16} << 20);

  const auto summary = summary_of({.proof = ProofKind::deep, .memory = &memory, .jobs = 3});

  EXPECT_TRUE(summary.is_good());
  EXPECT_TRUE(memory.try_acquire(memory.total())) << "some of it is not given back";
}

TEST_F(DeepProof, PassesOverARemovedSnapshot) {
  const Manifest first = save(base());
  save(increment());
  remove_snapshot(vault_, first);

  const Verdict found = verdict();

  EXPECT_TRUE(found.is_good());
  EXPECT_EQ(found.removed, 1U);
  EXPECT_EQ(found.proved, 1U);
}

TEST_F(DeepProof, BlamesABundleWhoseOwnSnapshotIsRemoved) {
  Brought lacking = base();
  lacking.objects.pop_back();
  const Manifest first = save(lacking);
  const Manifest second = save(increment());
  remove_snapshot(vault_, first);

  const Verdict found = verdict();

  ASSERT_THAT(found.damages, SizeIs(1));
  EXPECT_THAT(found.damages.front().key, EndsWith(first.snapshot.str() + ".bundle"));
  EXPECT_THAT(found.damages.front().snapshots, ElementsAre(second.snapshot));
}

class DeepProofOfSha256 : public DeepProof {
 protected:
  DeepProofOfSha256() { make_history(ObjectFormat::sha256); }
};

TEST_F(DeepProofOfSha256, IsTheSame) {
  save(base());
  save(increment());
  expect_whole(2);
}

TEST_F(DeepProofOfSha256, NamesAnObjectThatWasLeftOut) {
  Brought lacking = base();
  lacking.objects.pop_back();
  const Manifest first = save(lacking);

  EXPECT_THAT(only_damage({first}), HasSubstr(two_.oid(format_).hex()));
}

/// What is in an archive class cannot be read; what breaks at a place is told.
class StubbornStore final : public ForwardingStore {
 public:
  StubbornStore(std::unique_ptr<ObjectStore> next, std::string suffix, ErrorKind kind)
      : ForwardingStore(std::move(next)), suffix_(std::move(suffix)), kind_(kind) {}
  void read(const ObjectKey& key, ByteCount offset, std::optional<ByteCount> length, ByteSink& sink,
            const std::stop_token& stop) override {
    if (key.ends_with(suffix_)) throw Error(kind_, key + " cannot be read");
    ForwardingStore::read(key, offset, length, sink, stop);
  }

 private:
  const std::string suffix_;
  const ErrorKind kind_;
};

class DeepProofThatCannotRead : public DeepProof {
 protected:
  Verdict verdict_where(const std::string& suffix, ErrorKind kind) {
    Vault vault(std::make_unique<StubbornStore>(
                    std::make_unique<FolderStore>(folder_.path().string(), OpenMode::read), suffix, kind),
                OpenMode::read, clock_);
    return verify_vault(vault, {.proof = ProofKind::deep}, observer_, {}).verdicts.at(0);
  }
};

TEST_F(DeepProofThatCannotRead, NeitherProvesNorCondemnsWhatIsCold) {
  save(base());
  const Manifest second = save(increment());

  const Verdict found = verdict_where(second.snapshot.str() + ".bundle", ErrorKind::cold);

  EXPECT_EQ(found.proved, 1U);
  EXPECT_THAT(found.damages, IsEmpty());
  EXPECT_EQ(found.error, std::nullopt);
}

TEST_F(DeepProofThatCannotRead, TellsOfABrokenNetworkAndNotOfDamage) {
  save(base());
  const Manifest second = save(increment());

  const Verdict found = verdict_where(second.snapshot.str() + ".bundle", ErrorKind::transient);

  EXPECT_EQ(found.proved, 1U);
  EXPECT_THAT(found.damages, IsEmpty());
  ASSERT_TRUE(found.error);
  EXPECT_EQ(found.error->kind(), ErrorKind::transient);
}

}  // namespace
}  // namespace hubkeep
