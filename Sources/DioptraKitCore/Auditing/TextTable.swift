/// Rows in columns that are as wide as their widest cell.
package struct TextTable: Sendable {
  private let header: [String]
  private let rows: [[String]]

  package init(_ header: [String], _ rows: [[String]]) {
    self.header = header
    self.rows = rows
  }

  /// - Parameter emphasis: What the header line gets.
  package func text(emphasizing emphasis: (String) -> String) -> String {
    var widths = header.map(\.columnCount)
    for row in rows {
      for (column, cell) in row.enumerated() { widths[column] = max(widths[column], cell.columnCount) }
    }
    var bytes: [UInt8] = []
    func add(_ cells: [String]) {
      for (column, cell) in cells.enumerated() {
        bytes += cell.utf8
        bytes += repeatElement(UInt8(ascii: " "), count: widths[column] - cell.columnCount + 2)
      }
      while bytes.last == UInt8(ascii: " ") { bytes.removeLast() }
    }
    add(header)
    bytes = Array(emphasis(String(decoding: bytes, as: UTF8.self)).utf8)
    for row in rows {
      bytes.append(UInt8(ascii: "\n"))
      add(row)
    }
    bytes.append(UInt8(ascii: "\n"))
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension String {
  /// How many columns the string takes. Counting characters is slow and seldom needed.
  fileprivate var columnCount: Int { utf8.allSatisfy { $0 < 0x80 } ? utf8.count : count }
}
