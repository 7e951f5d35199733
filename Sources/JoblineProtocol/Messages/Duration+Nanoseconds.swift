extension Duration {
    /// Whole nanoseconds, cut to what 64 bits hold.
    package var nanoseconds: Int64 { Int64(clamping: attoseconds / 1_000_000_000) }
}
