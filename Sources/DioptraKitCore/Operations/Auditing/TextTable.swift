internal import DioptraModel
internal import DioptraPlatform
internal import DioptraRendering
internal import DioptraState
internal import DioptraSystem

/// Rows in columns as wide as their widest cell.
package struct TextTable: Sendable {
  private let header: [String]
  private let rows: [[String]]

  package init(_ header: [String], _ rows: [[String]]) {
    self.header = header
    self.rows = rows
  }

  /// - Parameter emphasis: Formats the header line.
  package func text(emphasizing emphasis: (String) -> String) -> String {
    var widths = header.map(\.columnCount)
    let counts = rows.map { row in
      var counts: [Int] = []
      counts.reserveCapacity(row.count)
      for (column, cell) in row.enumerated() {
        let count = cell.columnCount
        counts.append(count)
        if count > widths[column] { widths[column] = count }
      }
      return counts
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity((rows.count + 1) * (widths.reduce(0, +) + 2 * widths.count))
    func add(_ cells: [String], _ counts: [Int]) {
      for column in cells.indices {
        bytes.append(contentsOf: cells[column].utf8)
        for _ in 0..<(widths[column] - counts[column] + 2) { bytes.append(UInt8(ascii: " ")) }
      }
      while bytes.last == UInt8(ascii: " ") { bytes.removeLast() }
    }
    add(header, header.map(\.columnCount))
    bytes = Array(emphasis(String(decoding: bytes, as: UTF8.self)).utf8)
    for (row, counts) in zip(rows, counts) {
      bytes.append(UInt8(ascii: "\n"))
      add(row, counts)
    }
    bytes.append(UInt8(ascii: "\n"))
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension String {
  /// The number of terminal columns of the string. Counting characters is slow and seldom needed.
  fileprivate var columnCount: Int { utf8.allSatisfy { $0 < 0x80 } ? utf8.count : count }
}
