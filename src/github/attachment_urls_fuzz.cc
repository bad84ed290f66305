// Addresses of attachments in texts: what is found is an address on a host of this GitHub, in the one form in
// which it is found again.

#include "fuzz/fuzz_support.h"
#include "github/attachment_hosts.h"
#include "github/attachment_urls.h"

using namespace hubkeep;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::as_text(data, size);
  for (const char* api : {"https://api.github.com", "https://ghe.test/api/v3"}) {
    const GitHubPlaces places{Url::parse(api)};
    for (const std::string& url : find_attachments(text, places)) {
      fuzz::require(attachment_host(Url::parse(url), places).has_value(), "a host of this GitHub: " + url);
      fuzz::require(as_attachment(url, places) == url, "the one form of it: " + url);
      fuzz::require(find_attachments(url, places).size() == 1, "it is found alone: " + url);
      fuzz::require(!attachment_name(url).empty(), "it has a name: " + url);
    }
  }
  return 0;
}
