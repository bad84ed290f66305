#include "http/curl_client.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <set>
#include <thread>

#include "base/error_of.h"

namespace hubkeep {
namespace {

using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class Server {
 public:
  explicit Server(const std::function<void(httplib::Server&)>& set_up) {
    set_up(server_);
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();  // stop() before that would be lost
  }
  ~Server() {
    server_.stop();
    thread_.join();
  }

  std::string address(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }

 private:
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

/// Takes one connection, reads a request's headers, sends `bytes` as they are, and then closes, or when
/// `held` waits for the client to close.
class RawServer {
 public:
  enum class End { closed, held };

  explicit RawServer(std::string bytes, End end = End::closed) : bytes_(std::move(bytes)), end_(end) {
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), length), 0);
    EXPECT_EQ(listen(listener_, 8), 0);
    EXPECT_EQ(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~RawServer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }

  std::string address() const {
    return "http://127.0.0.1:" + std::to_string(port_) + "/pack?signature=secret";
  }

 private:
  void serve() const {
    const int connection = accept(listener_, nullptr, nullptr);
    if (connection < 0) return;
    std::string request;
    char buffer[4096];
    while (request.find("\r\n\r\n") == std::string::npos) {
      const ssize_t count = read(connection, buffer, sizeof buffer);
      if (count <= 0) break;
      request.append(buffer, static_cast<std::size_t>(count));
    }
    (void)!::send(connection, bytes_.data(), bytes_.size(), MSG_NOSIGNAL);
    if (end_ == End::held) (void)!read(connection, buffer, sizeof buffer);
    close(connection);
  }

  const std::string bytes_;
  const End end_;
  int listener_ = -1;
  int port_ = 0;
  std::thread thread_;
};

HttpRequest get(const std::string& address) {
  HttpRequest request;
  request.url = Url::parse(address);
  return request;
}

std::unique_ptr<HttpClient> make_client() {
  return make_curl_client({.user_agent = "hubkeep/test", .authorities = {}, .stall_timeout = seconds(1)});
}

class ThrowingSink final : public ByteSink {
 public:
  void write(std::string_view) override { throw Error(ErrorKind::corrupt, "the sink says no"); }
};

class StoppingSink final : public ByteSink {
 public:
  explicit StoppingSink(std::stop_source& stop) : stop_(stop) {}
  void write(std::string_view) override { stop_.request_stop(); }

 private:
  std::stop_source& stop_;
};

void redirect(httplib::Server& server, const std::string& path, const std::string& target, int status) {
  const auto handler = [target, status](const httplib::Request&, httplib::Response& response) {
    response.set_header("Location", target);
    response.status = status;
  };
  server.Get(path, handler);
  server.Post(path, handler);
}

// Answers with the request: "METHOD|Authorization|X-Plain|body".
void echo(httplib::Server& server, const std::string& path) {
  const auto handler = [](const httplib::Request& request, httplib::Response& response) {
    response.set_content(request.method + "|" + request.get_header_value("Authorization") + "|" +
                             request.get_header_value("X-Plain") + "|" + request.body,
                         "text/plain");
  };
  server.Get(path, handler);
  server.Post(path, handler);
}

HttpRequest post_with_secret(const std::string& address) {
  HttpRequest request = get(address);
  request.method = "POST";
  request.body = "payload";
  request.headers = {{"X-Plain", "plain"}, {"Content-Type", "application/octet-stream"}};
  request.secret_headers = {{"Authorization", "Bearer hunter2"}};
  return request;
}

TEST(CurlClient, GetsStatusHeadersAndBody) {
  const Server server([](httplib::Server& s) {
    s.Get("/x", [](const httplib::Request& request, httplib::Response& response) {
      response.status = 203;
      response.set_header("X-Agent", request.get_header_value("User-Agent"));
      response.set_content(request.get_param_value("q"), "text/plain");
    });
  });

  const HttpResponse response = make_client()->send(get(server.address("/x?q=1%202")), nullptr, {});

  EXPECT_EQ(response.status, 203);
  EXPECT_EQ(response.body, "1 2");
  EXPECT_EQ(response.header("x-AGENT"), "hubkeep/test");
  EXPECT_FALSE(response.header("X-None").has_value());
  EXPECT_EQ(response.url.str(), server.address("/x?q=1%202"));
}

TEST(CurlClient, PostsItsBodyWithoutExpect) {
  const Server server([](httplib::Server& s) {
    s.Post("/x", [](const httplib::Request& request, httplib::Response& response) {
      response.set_content(request.body + (request.has_header("Expect") ? "!" : ""), "text/plain");
    });
  });
  HttpRequest request = get(server.address("/x"));
  request.method = "POST";
  request.headers = {{"Content-Type", "application/octet-stream"}};
  request.body = std::string(3 << 20, 'x');

  EXPECT_TRUE(make_client()->send(request, nullptr, {}).body == request.body);
}

TEST(CurlClient, SendsOtherMethods) {
  const Server server([](httplib::Server& s) {
    s.Delete("/x", [](const auto&, auto& response) { response.status = 204; });
    s.Put("/x",
          [](const auto& request, auto& response) { response.set_content(request.body, "text/plain"); });
    s.Get("/x", [](const auto& request, auto& response) {
      response.status = request.method == "HEAD" ? 200 : 500;
    });
  });
  const auto client = make_client();
  HttpRequest request = get(server.address("/x"));

  request.method = "HEAD";
  EXPECT_EQ(client->send(request, nullptr, {}).status, 200);
  request.method = "DELETE";
  EXPECT_EQ(client->send(request, nullptr, {}).status, 204);
  request.method = "PUT";
  request.body = "put";
  EXPECT_EQ(client->send(request, nullptr, {}).body, "put");
}

TEST(CurlClient, StreamsASuccessIntoTheSink) {
  const std::string pack(20 << 20, 'p');
  const Server server([&](httplib::Server& s) {
    s.Get("/x", [&](const httplib::Request& request, httplib::Response& response) {
      EXPECT_FALSE(request.has_header("Accept-Encoding"));
      response.set_content(pack, "application/octet-stream");
    });
  });
  StringSink sink;

  const HttpResponse response = make_client()->send(get(server.address("/x")), &sink, {});

  EXPECT_TRUE(sink.str() == pack);
  EXPECT_TRUE(response.body.empty());
}

TEST(CurlClient, KeepsAnErrorsBodyFromTheSink) {
  const Server server([](httplib::Server& s) {
    s.Get("/x", [](const auto&, auto& response) {
      response.status = 404;
      response.set_content("not here", "text/plain");
    });
  });
  StringSink sink;

  const HttpResponse response = make_client()->send(get(server.address("/x")), &sink, {});

  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.body, "not here");
  EXPECT_EQ(sink.str(), "");
}

TEST(CurlClient, CutsLongErrorBodies) {
  const Server server([](httplib::Server& s) {
    s.Get("/x", [](const auto&, auto& response) {
      response.status = 500;
      response.set_content(std::string(4 << 20, 'e'), "text/plain");
    });
  });

  const HttpResponse response = make_client()->send(get(server.address("/x")), nullptr, {});

  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.body.size(), std::size_t{64} << 10);
}

TEST(CurlClient, RefusesABodyThatWouldFillTheMemory) {
  const Server server([](httplib::Server& s) {
    s.Get("/x", [](const auto&, auto& response) {
      response.set_content_provider("text/plain", [](std::size_t, httplib::DataSink& sink) {
        const std::string piece(1 << 20, 'x');
        return sink.write(piece.data(), piece.size());
      });
    });
  });

  const Error error = error_of([&] { make_client()->send(get(server.address("/x")), nullptr, {}); });

  EXPECT_EQ(error.kind(), ErrorKind::corrupt);
  EXPECT_EQ(error.message(), "the answer of " + server.address("/x") +
                                 " has more than 8.0 MiB, which is the most that is read of it");
}

TEST(CurlClient, RefusesHeadersThatWouldFillTheMemory) {
  std::string many;
  for (int i = 0; i < 40'000; ++i) many += "X-Line-" + std::to_string(i) + ": x\r\n";
  std::string interim;
  for (int i = 0; i < 20'000; ++i) interim += "HTTP/1.1 103 Early Hints\r\n\r\n";
  for (const std::string& bytes : {"HTTP/1.1 200 OK\r\n" + many, interim,
                                   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + many}) {
    const RawServer server(bytes, RawServer::End::held);

    const Error error = error_of([&] { make_client()->send(get(server.address()), nullptr, {}); });

    EXPECT_EQ(error.kind(), ErrorKind::transient);
    EXPECT_THAT(error.message(), HasSubstr("the answer's headers have more than 256.0 KiB"))
        << bytes.substr(0, 80);
  }
}

TEST(CurlClient, PassesOnWhatTheSinkThrows) {
  const Server server([](httplib::Server& s) {
    s.Get("/x", [](const auto&, auto& response) { response.set_content("hello", "text/plain"); });
  });
  ThrowingSink sink;

  const Error error = error_of([&] { make_client()->send(get(server.address("/x")), &sink, {}); });

  EXPECT_EQ(error.message(), "the sink says no");
}

TEST(CurlClient, IsUsableAfterAFailure) {
  const Server server([](httplib::Server& s) {
    s.Get("/x", [](const auto&, auto& response) { response.set_content("hello", "text/plain"); });
  });
  const auto client = make_client();
  ThrowingSink sink;
  error_of([&] { client->send(get(server.address("/x")), &sink, {}); });

  EXPECT_EQ(client->send(get(server.address("/x")), nullptr, {}).body, "hello");
}

TEST(CurlClient, KeepsConnectionsOpen) {
  std::set<int> ports;
  const Server server([&](httplib::Server& s) {
    s.Get("/x", [&](const httplib::Request& request, auto&) { ports.insert(request.remote_port); });
  });
  const auto client = make_client();

  for (int i = 0; i < 4; ++i) client->send(get(server.address("/x")), nullptr, {});

  EXPECT_THAT(ports, SizeIs(1));
}

// Fails once with a client that has an open connection already.
struct FailingCall {
  const char* name;
  std::function<void(HttpClient&)> run;
};

std::vector<FailingCall> failing_calls() {
  const auto answered = [](std::string bytes) {
    return [bytes = std::move(bytes)](HttpClient& client) {
      const RawServer server(bytes);
      client.send(get(server.address()), nullptr, {});
    };
  };
  const auto asked = [](const std::string& address) {
    return [address](HttpClient& client) { client.send(get(address), nullptr, {}); };
  };
  const std::string half = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello";
  return {
      {"a name that cannot be resolved", asked("http://" + std::string(64, 'a') + ".invalid/")},
      {"nobody listens", asked("http://127.0.0.1:1/")},
      {"no answer", answered("")},
      {"no HTTP", answered("SSH-2.0-OpenSSH_9.2\r\n")},
      {"a body that was cut", answered(half)},
      {"an answer that cannot be unpacked",
       answered("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello")},
      {"a proxy's refusal", answered("HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n")},
      {"a silent server",
       [half](HttpClient& client) {
         const RawServer server(half, RawServer::End::held);
         client.send(get(server.address()), nullptr, {});
       }},
      {"a sink that throws",
       [half](HttpClient& client) {
         const RawServer server(half);
         ThrowingSink sink;
         client.send(get(server.address()), &sink, {});
       }},
      {"stopped",
       [half](HttpClient& client) {
         const RawServer server(half, RawServer::End::held);
         std::stop_source stop;
         StoppingSink sink(stop);
         client.send(get(server.address()), &sink, stop.get_token());
       }},
      {"a head that is refused",
       [half](HttpClient& client) {
         const RawServer server(half);
         HttpRequest request = get(server.address());
         request.on_head = [](const HttpResponse&) { throw Error(ErrorKind::corrupt, "not this"); };
         client.send(request, nullptr, {});
       }},
      {"a header with a line break",
       [](HttpClient& client) {
         HttpRequest request = get("http://127.0.0.1:1/");
         request.headers = {{"X-Plain", "a\r\nb"}};
         client.send(request, nullptr, {});
       }},
  };
}

// What libcurl leaves in a handle after a failure is not ours to know: 7.88 refuses CURLOPT_BUFFERSIZE after
// a look-up that failed.
TEST(CurlClient, TrustsNoHandleWhoseTransferFailed) {
  std::set<int> ports;
  const Server server([&](httplib::Server& s) {
    s.Get("/x", [&](const httplib::Request& request, httplib::Response& response) {
      ports.insert(request.remote_port);
      response.set_content("hello", "text/plain");
    });
  });

  for (const FailingCall& call : failing_calls()) {
    SCOPED_TRACE(call.name);
    ports.clear();
    const auto client = make_client();
    client->send(get(server.address("/x")), nullptr, {});

    error_of([&] { call.run(*client); });

    EXPECT_EQ(client->send(get(server.address("/x")), nullptr, {}).body, "hello");
    EXPECT_THAT(ports, SizeIs(2));
  }
}

// That is no Error, but libcurl was told to leave off.
TEST(CurlClient, TrustsNoHandleWhoseAnswerWasLeftBeforeItsEnd) {
  std::set<int> ports;
  const Server server([&](httplib::Server& s) {
    s.Get("/x", [&](const httplib::Request& request, auto&) { ports.insert(request.remote_port); });
  });
  const auto client = make_client();
  client->send(get(server.address("/x")), nullptr, {});
  const RawServer refusing("HTTP/1.1 500 No\r\nContent-Length: 4194304\r\n\r\n" + std::string(4 << 20, 'e'));

  EXPECT_EQ(client->send(get(refusing.address()), nullptr, {}).status, 500);
  client->send(get(server.address("/x")), nullptr, {});

  EXPECT_THAT(ports, SizeIs(2));
}

TEST(CurlClient, ServesManyThreads) {
  std::atomic<int> served = 0;
  const Server server([&](httplib::Server& s) {
    s.Get("/x", [&](const auto&, auto& response) {
      ++served;
      response.set_content("hello", "text/plain");
    });
  });
  const auto client = make_client();
  std::atomic<int> good = 0;

  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < 20; ++n) {
          if (client->send(get(server.address("/x")), nullptr, {}).body == "hello") ++good;
        }
      });
    }
  }

  EXPECT_EQ(good, 80);
  EXPECT_EQ(served, 80);
}

TEST(CurlClient, FollowsRedirectsWithMethodBodyAndSecretOnTheSameOrigin) {
  const Server server([](httplib::Server& s) {
    redirect(s, "/old", "/new", 301);
    redirect(s, "/new", "/newest", 307);
    echo(s, "/newest");
  });

  const HttpResponse response = make_client()->send(post_with_secret(server.address("/old")), nullptr, {});

  EXPECT_EQ(response.body, "POST|Bearer hunter2|plain|payload");
  EXPECT_EQ(response.url.str(), server.address("/newest"));
}

TEST(CurlClient, LeavesSecretsBehindWhenTheOriginChanges) {
  const Server other([](httplib::Server& s) { echo(s, "/there"); });
  const Server server([&](httplib::Server& s) { redirect(s, "/old", other.address("/there"), 302); });

  const HttpResponse response = make_client()->send(post_with_secret(server.address("/old")), nullptr, {});

  EXPECT_EQ(response.body, "POST||plain|payload");
}

TEST(CurlClient, TakesSecretsAlongToAnOriginThatTheRequestTrusts) {
  const Server trusted([](httplib::Server& s) { echo(s, "/there"); });
  const Server stranger([&](httplib::Server& s) { redirect(s, "/on", trusted.address("/there"), 302); });
  const Server server([&](httplib::Server& s) {
    redirect(s, "/straight", trusted.address("/there"), 302);
    redirect(s, "/round", stranger.address("/on"), 302);
  });
  const auto ask = [&](const std::string& path) {
    HttpRequest request = post_with_secret(server.address(path));
    request.is_trusted = [&](const Url& target) {
      return target.origin() == Url::parse(trusted.address("/")).origin();
    };
    return make_client()->send(request, nullptr, {}).body;
  };

  EXPECT_EQ(ask("/straight"), "POST|Bearer hunter2|plain|payload");
  EXPECT_EQ(ask("/round"), "POST||plain|payload");
}

TEST(CurlClient, DoesNotTakeSecretsUpAgainOnTheWayBack) {
  std::string home;
  const Server other([&](httplib::Server& s) {
    s.Get("/there", [&](const auto&, auto& response) { response.set_redirect(home, 302); });
  });
  const Server server([&](httplib::Server& s) {
    redirect(s, "/old", other.address("/there"), 302);
    echo(s, "/home");
  });
  home = server.address("/home");
  HttpRequest request = get(server.address("/old"));
  request.secret_headers = {{"Authorization", "Bearer hunter2"}};

  EXPECT_EQ(make_client()->send(request, nullptr, {}).body, "GET|||");
}

TEST(CurlClient, GivesBackARedirectThatIsNotToBeFollowed) {
  const Server server([&](httplib::Server& s) { redirect(s, "/old", "/new", 307); });
  const auto client = make_curl_client({});

  const auto response =
      client->send({.url = Url::parse(server.address("/old")), .delivery = Delivery::exact}, nullptr, {});

  EXPECT_EQ(response.status, 307);
  EXPECT_THAT(response.header("Location").value(), HasSubstr("/new"));
}

TEST(CurlClient, TellsTheHeadBeforeTheBody) {
  const Server server([&](httplib::Server& s) {
    s.Get("/a", [](const auto&, auto& response) {
      response.set_header("ETag", "v1");
      response.set_content("body", "text/plain");
    });
  });
  const auto client = make_curl_client({});
  StringSink body;
  std::string told;

  client->send({.url = Url::parse(server.address("/a")),
                .on_head =
                    [&](const HttpResponse& head) {
                      told += std::to_string(head.status) + head.header("etag").value() + body.str();
                    }},
               &body, {});

  EXPECT_EQ(told, "200v1");
  EXPECT_EQ(body.str(), "body");
}

TEST(CurlClient, EndsTheTransferWhenTheHeadIsRefused) {
  const Server server([&](httplib::Server& s) {
    s.Get("/a", [](const auto&, auto& response) { response.set_content("body", "text/plain"); });
  });
  const auto client = make_curl_client({});
  StringSink body;

  EXPECT_THROW(
      client->send({.url = Url::parse(server.address("/a")),
                    .on_head = [](const HttpResponse&) { throw Error(ErrorKind::corrupt, "not this"); }},
                   &body, {}),
      Error);

  EXPECT_EQ(body.str(), "");
}

TEST(CurlClient, FollowsFiveRedirectsAndNoMore) {
  const Server server([](httplib::Server& s) {
    for (int i = 0; i < 6; ++i) redirect(s, "/" + std::to_string(i), "/" + std::to_string(i + 1), 302);
    echo(s, "/6");
  });
  const auto client = make_client();

  EXPECT_EQ(client->send(get(server.address("/1")), nullptr, {}).status, 200);
  EXPECT_EQ(error_of([&] { client->send(get(server.address("/0")), nullptr, {}); }).kind(),
            ErrorKind::invalid);
}

TEST(CurlClient, SendsThePathAsItIs) {
  std::string target;
  const Server server([&](httplib::Server& routes) {
    routes.Get(".*", [&](const auto& request, auto&) { target = request.target; });
  });
  const auto client = make_curl_client({});

  client->send({.url = Url::parse(server.address("/a/../b/./c//d%2Be"))}, nullptr, std::stop_token());

  EXPECT_EQ(target, "/a/../b/./c//d%2Be");
}

TEST(CurlClient, SaysAfterHowManyBytesABodyWasCut) {
  const RawServer server("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
  StringSink sink;

  const Error error = error_of([&] { make_client()->send(get(server.address()), &sink, {}); });

  EXPECT_EQ(error.kind(), ErrorKind::transient);
  EXPECT_THAT(error.message(), HasSubstr("/pack: server closed the connection after 5 bytes"));
  EXPECT_EQ(sink.str(), "hello");
}

TEST(CurlClient, NoticesWhatWasCutInChunks) {
  const RawServer server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");

  const Error error = error_of([&] { make_client()->send(get(server.address()), nullptr, {}); });

  EXPECT_EQ(error.kind(), ErrorKind::transient);
  EXPECT_THAT(error.message(), HasSubstr("after 5 bytes"));
}

TEST(CurlClient, NoticesAnAnswerThatNeverCame) {
  const RawServer server("");

  EXPECT_EQ(error_of([&] { make_client()->send(get(server.address()), nullptr, {}); }).kind(),
            ErrorKind::transient);
}

TEST(CurlClient, RefusesWhatIsNotHttp) {
  const RawServer server("SSH-2.0-OpenSSH_9.2\r\n");

  EXPECT_EQ(error_of([&] { make_client()->send(get(server.address()), nullptr, {}); }).kind(),
            ErrorKind::corrupt);
}

TEST(CurlClient, ForgetsInterimAnswers) {
  const RawServer server(
      "HTTP/1.1 103 Early Hints\r\nX-A: early\r\n\r\nHTTP/1.1 200 OK\r\nX-A:  final \r\nContent-Length: "
      "0\r\n\r\n");

  const HttpResponse response = make_client()->send(get(server.address()), nullptr, {});

  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.header("X-A"), "final");
}

TEST(CurlClient, GivesUpOnASilentServer) {
  const RawServer server("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", RawServer::End::held);

  const Error error = error_of([&] { make_client()->send(get(server.address()), nullptr, {}); });

  EXPECT_EQ(error.kind(), ErrorKind::transient);
  EXPECT_THAT(error.message(), HasSubstr("timed out after 0 bytes"));
}

// Fifty bytes a second, for ever.
TEST(CurlClient, GivesUpOnAServerThatOnlyKeepsAlive) {
  const Server server([](httplib::Server& s) {
    s.Get("/drip", [](const httplib::Request&, httplib::Response& response) {
      response.set_chunked_content_provider("text/plain", [](std::size_t, httplib::DataSink& sink) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        return sink.write("alive", 5);
      });
    });
  });

  const Error error = error_of([&] { make_client()->send(get(server.address("/drip")), nullptr, {}); });

  EXPECT_EQ(error.kind(), ErrorKind::transient);
  EXPECT_THAT(error.message(), HasSubstr("less than 1024 bytes of use moved within 1 s"));
}

// However much comes, none of it is what was asked for.
TEST(CurlClient, GivesUpOnAServerThatSendsNoPayload) {
  const Server server([](httplib::Server& s) {
    s.Get("/talk", [](const httplib::Request&, httplib::Response& response) {
      response.set_chunked_content_provider("text/plain", [](std::size_t, httplib::DataSink& sink) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        const std::string words(4096, '.');
        return sink.write(words.data(), words.size());
      });
    });
  });
  HttpRequest request = get(server.address("/talk"));
  request.payload = [] { return ByteCount{0}; };

  const Error error = error_of([&] { make_client()->send(request, nullptr, {}); });

  EXPECT_EQ(error.kind(), ErrorKind::transient);
  EXPECT_THAT(error.message(), HasSubstr("less than 1024 bytes of use moved within 1 s"));
}

TEST(CurlClient, SaysWhereItCannotConnect) {
  const Error error = error_of([] { make_client()->send(get("http://127.0.0.1:1/"), nullptr, {}); });

  EXPECT_EQ(error.kind(), ErrorKind::transient);
  EXPECT_THAT(error.message(), HasSubstr("cannot connect to 127.0.0.1:1"));
}

TEST(CurlClient, NamesAHostThatDoesNotExist) {
  // Refused by libcurl without a query: a label of a name has at most 63 octets.
  const std::string host = std::string(64, 'a') + ".invalid";

  const Error error = error_of([&] { make_client()->send(get("http://" + host + "/"), nullptr, {}); });

  EXPECT_EQ(error.kind(), ErrorKind::transient);
  EXPECT_THAT(error.message(), AllOf(HasSubstr("the host name " + host + " cannot be resolved"),
                                     HasSubstr("check the name, and this machine's network and DNS")));
}

TEST(CurlClient, StopsBeforeItBegins) {
  std::stop_source stop;
  stop.request_stop();

  const Error error =
      error_of([&] { make_client()->send(get("http://127.0.0.1:1/"), nullptr, stop.get_token()); });

  EXPECT_EQ(error.kind(), ErrorKind::cancelled);
}

TEST(CurlClient, StopsInTheMiddleOfABody) {
  const RawServer server("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", RawServer::End::held);
  std::stop_source stop;
  StoppingSink sink(stop);
  const auto client = make_curl_client({.user_agent = "", .authorities = {}});

  const Error error = error_of([&] { client->send(get(server.address()), &sink, stop.get_token()); });

  EXPECT_EQ(error.kind(), ErrorKind::cancelled);
}

TEST(CurlClient, RefusesHeadersWithALineBreak) {
  HttpRequest request = get("http://127.0.0.1:1/");
  request.secret_headers = {{"Authorization", "Bearer hunter2\r\nX-Evil: 1"}};

  const Error error = error_of([&] { make_client()->send(request, nullptr, {}); });

  EXPECT_EQ(error.kind(), ErrorKind::invalid);
  EXPECT_THAT(error.message(), AllOf(HasSubstr("Authorization"), ::testing::Not(HasSubstr("hunter2"))));
}

}  // namespace
}  // namespace hubkeep
