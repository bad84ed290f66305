// The hostile server, the cutting proxy, and ports for other servers.
#include <gtest/gtest.h>

#include <fstream>

#include "sim/cutting_proxy.h"
#include "sim/hostile_server.h"
#include "sim/server_program.h"
#include "sim/sim_fixture.h"

namespace hubkeep::sim {

TEST(HostileServer, SaysWhatItIsToldAndKeepsWhatItHeard) {
  HostileServer server({{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", ConnectionEnd::close, true},
                        {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi", ConnectionEnd::reset, true}});

  ClientResponse whole = http_post(server.origin() + "/a", "body", {});
  ClientResponse cut = http_get(server.origin() + "/b");

  EXPECT_EQ(whole.body, "hi");
  EXPECT_EQ(cut.status, 0);
  ASSERT_EQ(server.connections(), 2U);
  EXPECT_TRUE(server.received()[0].starts_with("POST /a HTTP/1.1\r\n"));
  EXPECT_TRUE(server.received()[0].ends_with("\r\n\r\nbody"));
}

TEST(HostileServer, LetsAClientHangUntilItStops) {
  auto server = std::make_unique<HostileServer>(std::vector<ConnectionScript>{
      {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi", ConnectionEnd::hang, true}});
  FileDescriptor client = connect_to("127.0.0.1", server->port());
  send_all(client, "GET / HTTP/1.1\r\n\r\n");
  EXPECT_FALSE(receive_some(client).empty());

  server.reset();

  EXPECT_EQ(receive_some(client), "");
}

TEST(FreePort, IsNoneThatTheKernelChoosesForOthers) {
  int first_of_any = 0;
  std::ifstream("/proc/sys/net/ipv4/ip_local_port_range") >> first_of_any;

  const int port = free_port();

  EXPECT_LT(port, first_of_any);
  EXPECT_FALSE(accepts_connections(port));
}

using CuttingProxyTest = SimTest;

TEST_F(CuttingProxyTest, ForwardsAndCounts) {
  CuttingProxy proxy(github.port());

  ClientResponse response = http_get(proxy.origin() + "/api/v3/users/acme");

  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(proxy.connections(), 1U);
  EXPECT_GT(proxy.bytes_downstream(), response.body.size());
  EXPECT_GT(proxy.bytes_upstream(), 0U);
}

TEST_F(CuttingProxyTest, CutsTheConnectionItIsToldTo) {
  CuttingProxy proxy(github.port());
  ProxyRule cut;
  cut.cut_after = 300;
  proxy.set_rule(1, cut);
  ProxyRule reset = cut;
  reset.reset = true;
  proxy.set_rule(2, reset);
  auto status = [&] { return http_get(proxy.origin() + "/api/v3/users/acme").status; };

  EXPECT_EQ(status(), 200);
  EXPECT_EQ(status(), 0);
  EXPECT_EQ(status(), 0);
  EXPECT_EQ(status(), 200);
  EXPECT_EQ(proxy.connections(), 4U);
}

TEST_F(CuttingProxyTest, KeepsToItsRate) {
  CuttingProxy proxy(github.port());
  ProxyRule slow;
  slow.bytes_per_second = 20'000;
  proxy.set_rule(slow);
  auto begin = std::chrono::steady_clock::now();

  ClientResponse response = http_get(proxy.origin() + "/api/v3/users/acme");

  EXPECT_EQ(response.status, 200);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(50));
}

}  // namespace hubkeep::sim
