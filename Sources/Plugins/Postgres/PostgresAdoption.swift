import DioptraKitCore

extension PostgresComponent {
  /// The database server of a folder made by the reference template.
  func recognized(in reference: ReferenceFolder) throws -> [AdoptionFinding] {
    let file = "secrets/postgres-passwd.env"
    let account = try [("db_admin_username", "POSTGRES_USER"), ("db_admin_database", "POSTGRES_DB")]
      .flatMap { variable, name in
        // The template does not ask for these variables.
        try reference.value(of: name, in: file).map { value -> [AdoptionFinding] in
          [.variable(VariableName(variable), value), .written("\(name)=postgres", "\(name)=\(value)")]
        } ?? []
      }
    return try image(in: reference) + reference.port("db_port", to: 5432) + account + superuser(in: reference, file)
      + encryption(in: reference)
  }

  private func image(in reference: ReferenceFolder) throws -> [AdoptionFinding] {
    guard let image = try reference.required("db").image, let colon = image.lastIndex(of: ":") else { return [] }
    let (name, tag) = (String(image[..<colon]), String(image[image.index(after: colon)...]))
    if let other = try overridden(in: reference) {
      return [.written("{postgres_container_tag}", tag)] + other
    }
    let findings: [AdoptionFinding] = [
      .variable("postgres_image", name), .written("{postgres_container_tag}", tag),
    ]
    // Release 1.1.0 had 18 as its default, which cannot start with the deployment's volumes.
    guard tag.prefix(while: \.isNumber) == "18" else { return findings + [.variable("postgres_container_tag", tag)] }
    return findings + [
      .variable("postgres_container_tag", "17"),
      .note(
        "PostgreSQL \(tag), as release 1.1.0 has it, cannot start with these volumes: the deployment gets 17, "
          + "unless its data are of 18 already"),
    ]
  }

  /// The image that the user's override sets for the server, if it is supported.
  private func overridden(in reference: ReferenceFolder) throws -> [AdoptionFinding]? {
    guard let image = try reference.required("db").overridingImage, let colon = image.lastIndex(of: ":"),
      !image.contains("@"), image[colon...].allSatisfy({ $0 != "/" })
    else { return nil }
    let (name, tag) = (String(image[..<colon]), String(image[image.index(after: colon)...]))
    let variable = variables.first { $0.name == "postgres_container_tag" }
    guard (try? variable?.accept(tag)) == tag else { return nil }
    return [.variable("postgres_image", name), .variable("postgres_container_tag", tag)]
  }

  /// In the template, the server reads a file of three lines as one password and uses the first line.
  private func superuser(in reference: ReferenceFolder, _ file: String) throws -> [AdoptionFinding] {
    let name = "POSTGRES_PASSWORD"
    guard !reference.isOurs, let password = try reference.value(of: name, in: file) else {
      return try reference.secret("postgres_admin_password", at: [.init(file, name)])
    }
    return [
      .secret("postgres_admin_password", "\(name)=\(password)", at: "\(file):\(name)"),
      .written("{{ postgres_admin_password }}", password),
      .note(
        "the password of PostgreSQL's superuser is the whole first line of \(file), with \(name)= in front: "
          + "the server took it so, and it stays"),
    ]
  }

  private func encryption(in reference: ReferenceFolder) throws -> [AdoptionFinding] {
    guard try reference.has("ssl/db/server.crt"), try reference.has("ssl/db/server.key") else { return [] }
    return [
      .variable("enable_postgres_ssl", VariableType.on),
      .note(
        "PostgreSQL's encryption is taken to be on, because ssl/db has a certificate and a key: if it is off, "
          + "run `dioptra config set enable_postgres_ssl=false`"),
    ]
  }
}
