package import DioptraKitCore

extension FrontendComponent {
  package var migrations: [Migration] {
    [
      Migration(
        "frontend.with-images", "Front end and images must have the same release: workers fetch jobs differently.",
        version: .release("1.2.0"), changes: [.runStep("frontend.fetch"), .runStep("frontend.build")]
      ) { context in
        let (branch, tag) = (try context.after["branch"], try context.after["container_tag"])
        guard let one = Release(branch), let other = Release(tag), one != other else { return }
        throw DioptraError(
          .configurationContradictory,
          "branch is \(branch) and container_tag is \(tag), and a front end of one release does not work with another",
          remedy: "Make them the same with \(dioptra: "config", "set", "branch=\(tag)"), then run the command again")
      }
    ]
  }
}
