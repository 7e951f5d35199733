extension Array where Element: Comparable {
    /// nil if it is empty; the greater one of two in the middle.
    var median: Element? { isEmpty ? nil : sorted()[count / 2] }
}
