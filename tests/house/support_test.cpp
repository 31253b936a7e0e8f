#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "tests/support/http_client.h"
#include "tests/support/process.h"
#include "tests/support/temp_folder.h"
#include "tests/support/wait.h"

using namespace sealpost::tests;
using namespace std::chrono_literals;

namespace {

// Answers each connection in turn with a text of its own, whatever it is asked, and closes it.
class ScriptedServer {
 public:
  explicit ScriptedServer(std::vector<std::string> answers) : answers_(std::move(answers)) {
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof own;
    REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&own), size) == 0);
    REQUIRE(::listen(listener_, 8) == 0);
    REQUIRE(::getsockname(listener_, reinterpret_cast<sockaddr*>(&own), &size) == 0);
    port_ = ntohs(own.sin_port);
    thread_ = std::jthread([this] { Serve(); });
  }
  ~ScriptedServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }

  std::uint16_t port() const { return port_; }

 private:
  void Serve() {
    for (const std::string& answer : answers_) {
      const int connection = ::accept(listener_, nullptr, nullptr);
      char buffer[4096];
      if (connection < 0) return;
      if (::recv(connection, buffer, sizeof buffer, 0) > 0) {
        // Held back until the end goes with it: whoever has read the answer can see that the connection is closed.
        ::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL | MSG_MORE);
      }
      ::close(connection);
    }
  }

  int listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::uint16_t port_ = 0;
  std::vector<std::string> answers_;
  std::jthread thread_;
};

HttpReply Answered(const std::string& answer, const std::string& method = "GET") {
  const ScriptedServer server({answer});
  return HttpClient(server.port()).Do(method, "/");
}

bool Alive(pid_t pid) {
  return ::kill(pid, 0) == 0;
}

}  // namespace

TEST_CASE("a temporary folder is its own and goes with its test") {
  std::string path;
  {
    const TempFolder folder;
    path = folder.path();
    CHECK(TempFolder().path() != path);
    folder.Write("f", "text");
    CHECK(folder.Read("f") == "text");
    CHECK(folder.Read("none").empty());
  }
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("a process is read line by line and tells how it ended") {
  Process process({"sh", "-c", "echo one; echo two; cat; exit 7"});
  CHECK(process.ReadLine() == "one");
  CHECK(process.ReadLine() == "two");
  CHECK(process.Running());
  CHECK_FALSE(process.ReadLine(10ms).has_value());
  CHECK(process.Write("three\nfour"));
  CHECK(process.ReadLine() == "three");
  process.CloseInput();
  CHECK(process.ReadRest() == "four");
  CHECK(process.Wait() == 7);
  CHECK(process.Wait() == 7);
  CHECK_FALSE(process.Running());
}

TEST_CASE("a process gets its environment, folder and error file") {
  const TempFolder folder;
  const ProcessOptions options{{"SEALPOST_X=y", "HOME=/nowhere"}, folder.path(), folder.File("err")};
  const auto outcome = Run({"sh", "-c", "echo $SEALPOST_X $HOME; pwd; echo bad >&2"}, options);
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.output == "y /nowhere\n" + folder.path() + "\n");
  CHECK(folder.Read("err") == "bad\n");
}

TEST_CASE("a signal that ends a process is told as its negative number") {
  Process process({"sleep", "1000"});
  CHECK_FALSE(process.Wait(1ms).has_value());
  process.Signal(SIGTERM);
  CHECK(process.Wait() == -SIGTERM);
}

TEST_CASE("a program that cannot run is an error at once") {
  CHECK_THROWS_WITH(Process({"/no/such/program"}), "cannot run /no/such/program: No such file or directory");
}

TEST_CASE("no process outlives its object, nor what it started") {
  pid_t leader = 0;
  pid_t grandchild = 0;
  {
    Process process({"sh", "-c", "sleep 1000 & echo $!; wait"});
    leader = process.pid();
    grandchild = std::stoi(*process.ReadLine());
    CHECK(Alive(grandchild));
  }
  CHECK_FALSE(Alive(leader));
  CHECK(WaitFor([&] { return !Alive(grandchild); }));
}

TEST_CASE("what a process left running when it ended goes too") {
  pid_t left = 0;
  {
    Process process({"sh", "-c", "sleep 1000 >/dev/null & echo $!"});
    left = std::stoi(*process.ReadLine());
    CHECK(process.Wait() == 0);
    CHECK(Alive(left));
  }
  CHECK(WaitFor([&] { return !Alive(left); }));
}

TEST_CASE("writing to a process that has gone is no crash") {
  Process process({"true"});
  process.Wait();
  CHECK_FALSE(process.Write("text"));
}

TEST_CASE("waiting ends as soon as the answer is yes, and gives up in the end") {
  int asked = 0;
  CHECK(WaitFor([&] { return ++asked == 3; }));
  CHECK(asked == 3);
  CHECK_FALSE(WaitFor([] { return false; }, 5ms));
}

TEST_CASE("a reply is read by its length, by its chunks or to the end of its connection") {
  const auto sized = Answered("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b \r\n\r\nhello");
  CHECK(sized.status == 200);
  CHECK(sized.body == "hello");
  CHECK(sized.Header("x-a") == "b");
  CHECK(sized.kept_open);
  CHECK(Answered("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n")
            .body == "hello0123456789");
  CHECK(Answered("HTTP/1.0 200 OK\r\n\r\nall there is").body == "all there is");
  CHECK(Answered("HTTP/1.1 204 No Content\r\n\r\n").status == 204);
  CHECK(Answered("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "HEAD").body.empty());
  CHECK(Answered("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n").status == 201);
}

TEST_CASE("half a reply is none") {
  for (const char* answer :
       {"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "220 mail\r\n\r\n"}) {
    CHECK_THROWS(Answered(answer));
  }
}

TEST_CASE("a client opens a new connection when the server has closed the old one") {
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n";
  const ScriptedServer server({answer + "1", answer + "2"});
  HttpClient client(server.port());
  CHECK(client.Get("/").body == "1");
  CHECK(client.Post("/", {{"X-A", "b"}}, "body").body == "2");
}

TEST_CASE("a raw connection sends what it is given and sees the end") {
  const ScriptedServer server({"bytes"});
  RawConnection connection(server.port());
  CHECK(connection.Receive(1ms) == RawConnection::Event::kLate);
  CHECK(connection.Send(std::string_view("\0\xff", 2)));
  CHECK(connection.ReceiveUntil("yte"));
  CHECK(connection.ReceiveUntilClosed());
  CHECK(connection.Take(2) == "by");
  CHECK(connection.received() == "tes");
}
