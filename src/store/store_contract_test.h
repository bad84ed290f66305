// What every ObjectStore promises, as tests. A store joins with one line beside its own tests:
//   INSTANTIATE_TEST_SUITE_P(Folder, StoreContract, ::testing::Values(&make_folder_home));
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "store/object_store.h"

namespace hubkeep {

/// A place for stores of one kind: empty at first, taken away at the end.
class StoreHome {
 public:
  StoreHome() = default;
  StoreHome(const StoreHome&) = delete;
  StoreHome& operator=(const StoreHome&) = delete;
  virtual ~StoreHome() = default;

  virtual std::unique_ptr<ObjectStore> open(OpenMode mode) = 0;
  /// So much written and not committed leaves something unfinished.
  virtual std::size_t unfinished_size() const { return 200'000; }
  /// Else it is their age alone that tells.
  virtual bool knows_living_writers() const { return false; }
  /// Else writers must not overlap, as the user is told.
  virtual bool keeps_conditions() const { return true; }
  /// Else nobody can ask what is unfinished, as the user is told.
  virtual bool lists_unfinished() const { return true; }
};

using MakeStoreHome = std::function<std::unique_ptr<StoreHome>()>;

class StoreContract : public ::testing::TestWithParam<MakeStoreHome> {
 protected:
  std::unique_ptr<StoreHome> home_ = GetParam()();
  std::unique_ptr<ObjectStore> store_ = home_->open(OpenMode::create);
};

CommitResult put(ObjectStore& store, const ObjectKey& key, std::string_view bytes,
                 const Precondition& precondition = Precondition::none());
/// A failed test where it is not committed.
void must_put(ObjectStore& store, const ObjectKey& key, std::string_view bytes,
              const Precondition& precondition = Precondition::none());
std::string get(ObjectStore& store, const ObjectKey& key);
std::vector<std::string> keys_of(ObjectStore& store, const std::string& prefix = "",
                                 const std::string& start_after = "");
std::vector<std::string> children_of(ObjectStore& store, const std::string& prefix = "");

/// The kind of the Error that `action` throws; a failed test, and internal, when it throws none.
template <typename Action>
ErrorKind kind_of_error(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.kind();
  }
  ADD_FAILURE() << "no Error was thrown";
  return ErrorKind::internal;
}

/// The message of the Error that `action` throws; a failed test, and nothing, when it throws none.
template <typename Action>
std::string message_of_error(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.message();
  }
  ADD_FAILURE() << "no Error was thrown";
  return {};
}

}  // namespace hubkeep
