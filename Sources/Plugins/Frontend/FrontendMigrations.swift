public import DioptraKitCore

extension FrontendComponent {
  public var migrations: [Migration] {
    [
      Migration(
        "frontend.with-images", "Front end and images are of one release: workers fetch jobs in another way.",
        version: .release("1.2.0"), changes: [.runStep("frontend.fetch"), .runStep("frontend.build")]
      ) { scene in
        let (branch, tag) = (try scene.after["branch"], try scene.after["container_tag"])
        guard let one = Release(branch), let other = Release(tag), one != other else { return }
        throw DioptraError(
          .configurationContradictory,
          "branch is \(branch) and container_tag is \(tag), and a front end of one release does not work with another",
          remedy: "Make them the same with \(dioptra: "config", "set", "branch=\(tag)"), then run the command again")
      }
    ]
  }
}
