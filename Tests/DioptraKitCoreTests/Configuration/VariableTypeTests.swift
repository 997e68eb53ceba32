import Testing

@testable import DioptraModel
@testable import DioptraSystem

struct VariableTypeTests {
  @Test(
    arguments: [
      (VariableType.count, ["0", "1", "10000"], ["", "-3", "1.9", "abc", "10001", "٣", " 1", "1 ", "0x1", "1e3"]),
      (.port, ["1", "65535"], ["0", "65536", "http", ""]),
      (
        .slug, ["a", "dioptra-deployment", "a1-b2"],
        ["", "-a", "a-", "A", "a.b", "a_b", "ü", String(repeating: "a", count: 44)]
      ),
      (.imageTag, ["1.1.0", "dev", "_x"], ["", ".a", "-a", "a b", "a:b", "a/b", "$x"]),
      (
        .registry, ["", "ghcr.io/usnistgov", "localhost:5000", "localhost:5000/a"],
        ["a/", "/a", "A b", "a//b", "http://x"]
      ),
      (
        .image, ["redis:7.2.6", "quay.io/minio/mc:R.2025", "r:5000/a/b:1"],
        ["redis", "redis:", ":7", "a b:1", "re$dis:1"]
      ),
      (
        .mountUnits, ["", "data.mount var.mount", "mnt-my\\x2ddata.mount"],
        ["data", "a.mount;b", "a.mount\nExecStart=x"]
      ),
      (.serverName, ["_", "dioptra.example.org", "10.0.0.1", "[2001:db8::1]"], ["", "a b", "a;", "-a", "a..b", "*"]),
      (.hostList, ["*", "a,b:5000", "127.0.0.1:35000"], ["", "a,", "a b", "a:", "a;b"]),
      (.email, ["dioptra@example.com"], ["", "a", "a@b", "a@@b.c", "a b@c.d", "a@b.c\n"]),
      (.directory, ["", "/data", "/data sets/x"], ["data", "~", "/a:b", "/a\nb", "/a\"b", "/a\u{E000}b"]),
      (.size, ["128m", "1g", "1024"], ["", "1x", "m", "1m;", "-1m", "1 m"]),
      (.duration, ["300s", "1h", "5"], ["", "1w2", "s", "1h;"]),
      (.gitReference, ["main", "1.1.0", "feature/x"], ["", "-x", "a..b", "a b", "a;b", "/a", "a.lock", "$(x)"]),
      (.sqlName, ["postgres", "a_1"], ["", "1a", "a-b", "A", "a;b", "a'b"]),
      (.networkNames, ["dioptra", "dioptra lab"], ["", "a a", "A", "a;b"]),
      (
        .proxy,
        [
          "", "http://proxy.example.org:3128", "https://10.0.0.7", "http://[2001:db8::1]:8080/", "HTTP://proxy:1",
          "http://me:${PROXY_PASSWORD}@proxy:3128", "http://${BOTH}@proxy", "http://corp%5Cme:${P_1}@proxy",
          "http://${USER_NAME}:${PASSWORD}@proxy",
        ],
        [
          "proxy:3128", "socks5://proxy", "http://", "http://proxy:0", "http://proxy:65536", "http://proxy/path",
          "http://a b", "http://proxy;x", "http://$(x)", "http://me:geheim@proxy", "http://me@proxy",
          "http://me:${}@proxy", "http://me:${1}@proxy", "http://me:${P:-x}@proxy", "http://me:$P@proxy",
          "http://me:a${P}@proxy", "http://pro${P}xy", "http://proxy\n",
        ]
      ),
      (
        .registryMirrors,
        [
          "", "docker.io=mirror.example.org/hub", "quay.io/minio=localhost/minio, ghcr.io=mirror:5000",
          "localhost:5000/a=b.c/d",
        ],
        [
          "docker.io", "=a.b", "a.b=", "a.b=c.d=e.f", "postgres=mirror.example.org", "docker.io=hub",
          "docker.io=https://mirror.example.org", "docker.io=mirror.example.org/", "docker.io/=mirror.example.org",
          "docker.io=a.b docker.io=c.d", "docker.io=$(x).y", "Docker.io=a.b",
        ]
      ),
      (.boolean, ["true", "false"], ["", "maybe", "1"]),
      (.title, ["Dioptra deployment", "Müller's Lab"], ["", "   ", "a\nb", "a\u{7}b", "a\u{E001}b", "a\u{202E}b"]),
    ] as [(VariableType, [String], [String])])
  func aTypeLetsThroughWhatIsSafeAndNothingElse(type: VariableType, good: [String], bad: [String]) {
    for value in good { #expect(throws: Never.self, "\(type.name): \(value)") { try type.canonical(value).get() } }
    for value in bad {
      #expect(throws: VariableType.Fault.self, "\(type.name): \(value)") { try type.canonical(value).get() }
    }
  }

  @Test(arguments: [("True", "true"), ("FALSE", "false"), ("yes", "true"), ("off", "false")])
  func switchesAreUnderstoodInAnyForm(written: String, canonical: String) throws {
    #expect(try VariableType.boolean.canonical(written).get() == canonical)
  }

  @Test(arguments: [
    "http://me:geheim@proxy:3128", "me:geheim@proxy", "geheim@proxy", "http://me:ge/he@im@proxy",
    "http://me:p://geheim@proxy", "http://geheim", "socks5://me:geheim@proxy",
  ])
  func aProxysPasswordIsShownNowhere(value: String) throws {
    let variable = Variable("http_proxy", .proxy, default: .value(""), help: "A proxy.")
    if value == "http://geheim" {
      #expect(try variable.accept(value) == value)
    } else {
      #expect { try variable.accept(value) } throws: { !"\($0)".contains("heim") && !"\($0)".contains("he@im") }
      #expect(!ProxyAddress.shown(value).contains("geh") && !ProxyAddress.shown(value).contains("ge/he"))
    }
  }

  @Test func namesOfSettingsAreShown() {
    for value in ["http://me:${PROXY_PASSWORD}@proxy", "http://${BOTH}@proxy", "http://proxy:3128"] {
      #expect(ProxyAddress.shown(value) == value)
    }
    #expect(ProxyAddress.settings(in: "http://${A}:${B}@proxy") == ["A", "B"])
  }

  @Test(arguments: [
    ("quay.io", "cannot hold 'quay.io'. It must list pairs"),
    ("postgres=mirror.example.org", "because 'postgres' does not name a registry"),
    ("quay.io=https://x.y", "because 'https://x.y' does not name a registry"),
    ("quay.io=a.b quay.io=c.d", "has two mirrors for 'quay.io'. Keep one of them"),
  ])
  func aMalformedMirrorIsNamed(value: String, text: String) {
    let variable = Variable("registry_mirrors", .registryMirrors, default: .value(""), help: "Mirrors.")
    #expect { try variable.accept(value) } throws: { "\($0)".contains(text) }
  }

  @Test func aRefusedValueIsReportedWithItsVariableAndARemedy() {
    let variable = Variable("num_workers", .count, default: .value("1"), help: "A count.")
    #expect { try variable.accept("-3") } throws: {
      "\($0)" == "num_workers cannot be '-3'. It must be a whole number from 0 to 10000."
    }
  }

  @Test func aRefusedValueIsShownWithoutControlCharacters() {
    #expect("a\u{1B}[31m\nb".quoted == "'a\\u{1b}[31m\\u{a}b'")
  }
}
