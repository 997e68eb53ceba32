import DioptraKitCore
import Testing

struct SlugTests {
  @Test(arguments: [
    ("Dioptra deployment", "dioptra-deployment"),
    ("My Dioptra_Test  Name", "my-dioptra-test--name"),
    ("Dioptra.Test@1", "dioptra.test@1"),
    ("", ""),
  ])
  func aSlugIsTheNameInLowerCaseWithHyphens(name: String, expected: String) {
    #expect(slug(of: name) == expected)
  }
}
