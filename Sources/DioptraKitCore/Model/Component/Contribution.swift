internal import DioptraSystem

/// One thing that a component wants to exist.
public enum Contribution: Codable, Equatable, Sendable {
  /// A container of the running deployment.
  case service(Service)
  /// A container that exists only while the deployment is initialised.
  case initService(Service)
  /// A network that every service of the running deployment joins.
  case network(Network)
  /// A named volume.
  case volume(Volume)
  /// What is put into a volume before its service first runs.
  case volumePreparation(VolumePreparation)
  /// An address that others reach a service at.
  case endpoint(Endpoint)
  /// A file of environment variables for some services.
  case environmentFile(EnvironmentFile)
  /// A value of the folder's `.env`.
  case setting(Setting)
  /// A server of the reverse proxy.
  case proxyServer(ProxyServer)
  /// A location of a server of the reverse proxy.
  case proxyLocation(ProxyLocation)
  /// A TCP port that the reverse proxy passes through.
  case proxyStream(ProxyStream)
  /// An image whose trust store has to hold the user's certificate authorities.
  case trustStore(TrustStore)
  /// A file of the folder.
  case file(FolderFile)
  /// A script that runs inside a container.
  case script(ContainerScript)
  /// What the data of a volume must be for the image that uses them.
  case dataFormat(DataFormat)
  /// A server's certificate and key among the user's files.
  case certificatePair(CertificatePair)
  /// What a backup holds of the deployment's data.
  case backupData(BackupData)
  /// What must be there on the running deployment.
  case liveFacts(LiveFacts)
  /// Where people reach the deployment with a browser.
  case webAddress(WebAddress)
  /// A step of initialisation.
  case step(Step)
  /// Paths that version control must not see, or must see in spite of a wider pattern.
  case ignore(IgnorePattern)
  /// A line of the map in the folder's README.
  case readmeRow(ReadmeRow)
  /// A value that nobody chooses and nobody sees.
  case secret(Secret)
}
