package import DioptraKitCore

/// Certificates: the user's certificate authorities in every trust store, and the place for server certificates.
package struct TLSComponent: Component {
  package let id: ComponentID = "tls"
  package let summary = "Certificates and trust stores"
  package let requires: [ComponentID] = ["deployment"]
  package let isOptional = false

  package init() {}

  package var variables: [Variable] {
    [
      Variable(
        "worker_ssl_service", .choice(["", "tfcpu", "pytorchcpu", "tfgpu", "pytorchgpu"]), default: .value(""),
        help: """
          Kind of worker whose image fills the trust store that all workers share; empty for the first kind that this \
          deployment has, CPU before GPU.
          """)
    ]
  }

  package var checks: [any DoctorCheck] { [CertificateCheck()] }

  package func contributions(in context: Context) throws -> [Contribution] {
    let bundle: Text = "\(TrustStore.bundlePath)/certs/ca-certificates.crt"
    return [
      .environmentFile(
        EnvironmentFile(
          "envs/ca-certificates.env",
          ["AWS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"].map {
            .init($0, bundle)
          })),
      .script(copyCertificates),
      .file(FolderFile("ssl/ca-certificates/README.md", .template(Templates.caCertificatesMd))),
      .file(FolderFile("ssl/db/README.md", .template(Templates.dbMd))),
      .ignore(
        IgnorePattern(
          "Private keys, and the certificates of this host",
          ["*.key", "/ssl/**/*.pem", "*.pfx", "*.p12", "/ssl/db/*.crt", "/ssl/nginx/*.crt"])),
    ]
  }

  /// One init service for each image that offers to fill a trust store, one step for each trust store.
  package func contributions(collecting blueprint: Blueprint, in context: Context) throws -> [Contribution] {
    let stores = blueprint.trustStores.map(\.value)
    let names = stores.reduce(into: [String]()) { names, store in
      if !names.contains(store.name) { names.append(store.name) }
    }
    let services: [Contribution] = stores.map { store in
      .initService(
        Service(
          store.service, "Fills the trust store of \(store.name).", image: store.image, user: "root",
          entrypoint: ["/bin/bash"],
          mounts: [.folder("ssl", at: "/ssl"), .folder(ContainerScript.folder, at: "/scripts")] + store.mounts,
          connection: .none))
    }
    return try services
      + names.compactMap { try stores.offer(for: $0, in: context) }.map { store in
        .step(
          Step(
            StepID("trust.\(store.name)"), "Fill the trust store of \(store.name)",
            action: .run(
              store.service,
              [
                "/scripts/copy-extra-ca-certificates.sh", "--ca-directory", "/ssl/ca-certificates", "--mirror",
                "--update",
              ]),
            inputs: [
              .file("ssl/ca-certificates"), .file("scripts/copy-extra-ca-certificates.sh"),
              .volume(store.authorities), .volume(store.bundle),
            ],
            deadline: 120))
      }
  }

  private var copyCertificates: ContainerScript {
    ContainerScript(
      "copy-extra-ca-certificates", "Puts extra certificate authorities into a trust store.",
      options: [
        .value("ca-directory", help: "Where *.crt files are looked for, sub-folders too", default: "/ca-certificates"),
        .value("output", help: "Folder that they go to; the distribution's own if empty", default: ""),
        .value("chmod", help: "Mode of the copies", default: "0644"),
        .value("chown", help: "Owner and group of the copies", default: "root:root"),
        .flag("update", help: "Build the distribution's bundle anew afterwards"),
        .flag("mirror", help: "Remove certificates that the source does not have"),
      ],
      body: .template(Templates.copyExtraCaCertificatesSh), templateExecutable: true)
  }
}
