import TestSupport
import Testing

@testable import DioptraCompose
@testable import DioptraModel

/// Names of images in mirrors.
struct RegistryMirrorsTests {
  private func name(of image: Text, _ mirrors: String) -> Text {
    RegistryMirrors(mirrors, in: ComposeDialect()).name(of: image)
  }

  @Test(arguments: [
    ("docker.io=m.example/hub", "postgres:17", "m.example/hub/library/postgres:17"),
    ("docker.io=m.example/hub", "dpage/pgadmin4:8.12", "m.example/hub/dpage/pgadmin4:8.12"),
    ("docker.io/library=m.example", "postgres:17", "m.example/postgres:17"),
    ("docker.io/library/postgres=m.example/pg", "postgres:17", "m.example/pg:17"),
    ("docker.io/library/post=m.example/pg", "postgres:17", "postgres:17"),
    ("docker.io=m.example", "docker.io/x/y:1", "m.example/x/y:1"),
    ("quay.io=q.example quay.io/minio=m.example", "quay.io/minio/mc:1", "m.example/mc:1"),
    ("quay.io/minio=m.example quay.io=q.example", "quay.io/other/mc:1", "q.example/other/mc:1"),
    ("quay.io=m.example", "quay.io.example/mc:1", "quay.io.example/mc:1"),
    ("r:5000=m.example", "r:5000/a:1", "m.example/a:1"),
    ("r.example=m.example", "r.example:5000/a:1", "r.example:5000/a:1"),
    ("localhost=m.example:1/x", "localhost/a", "m.example:1/x/a"),
    ("docker.io=quay.io/hub quay.io=m.example", "redis:7", "quay.io/hub/library/redis:7"),
    ("ghcr.io=m.example", "redis:7", "redis:7"),
    ("docker.io=m.example", "redis@sha256:0a", "m.example/library/redis@sha256:0a"),
  ])
  func theLongestPartOfTheNameIsReplaced(mirrors: String, image: String, mirrored: String) {
    #expect(name(of: Text(image), mirrors).characters == mirrored)
  }

  @Test func aMirrorIsNeverMirrored() {
    let once = name(of: "redis:7", "docker.io=quay.io/hub")
    #expect(name(of: once, "docker.io=quay.io/hub quay.io=m.example") == once)
  }

  @Test func everyCharacterKeepsItsOrigin() {
    let image = Text(segments: [.variable("image", value: "quay.io/a/b"), .literal(":"), .variable("tag", value: "1")])
    #expect(
      name(of: image, "quay.io/a=m.example").segments == [
        .init(.variable("registry_mirrors", value: "m.example")), .init(.variable("image", value: "/b")),
        .init(.literal(":")), .init(.variable("tag", value: "1")),
      ])
    #expect(
      name(of: Text(segments: [.variable("image", value: "a:1")]), "docker.io=m.example").segments == [
        .init(.variable("registry_mirrors", value: "m.example")), .init(.literal("/library/")),
        .init(.variable("image", value: "a:1")),
      ])
  }

  /// Names and prefixes of a few parts, so that they meet often; the judge looks at every prefix of every name.
  @Test func anyImageComesFromTheMirrorOfItsLongestPrefix() {
    let seed = UInt64.random(in: 0...UInt64.max)
    print("SEED of mirrors: \(seed)")
    var generator = SeededGenerator(seed: seed)
    let hosts = ["a.io", "a.io:5000", "b.example", "localhost"]
    let names = ["x", "xy", "x-y", "y"]
    var changed = 0
    for _ in 0..<5000 {
      func path(upTo count: Int) -> [String] {
        (0..<Int.random(in: 0...count, using: &generator)).map { _ in generator.pick(names) }
      }
      var mirrors: [String: String] = [:]
      for number in 0..<Int.random(in: 1...4, using: &generator) {
        mirrors[([generator.pick(hosts)] + path(upTo: 2)).joined(separator: "/")] = "m\(number).example"
      }
      let parts = [generator.pick(hosts)] + path(upTo: 2) + [generator.pick(names)]
      let end = generator.pick([":1", "", ":x.y", "@sha256:0"])
      var wanted = parts.joined(separator: "/") + end
      for count in 1...parts.count {
        if let mirror = mirrors[parts[..<count].joined(separator: "/")] {
          wanted = ([mirror] + parts[count...]).joined(separator: "/") + end
        }
      }
      let value = mirrors.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
      let image = parts.joined(separator: "/") + end
      #expect(name(of: Text(image), value).characters == wanted, "\(image) with \(value)")
      changed += image == wanted ? 0 : 1
    }
    #expect(changed > 500)
  }
}
