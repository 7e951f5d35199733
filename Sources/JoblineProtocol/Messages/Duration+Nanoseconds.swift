extension Duration {
    /// Whole nanoseconds, clamped to 64 bits.
    package var nanoseconds: Int64 { Int64(clamping: attoseconds / 1_000_000_000) }
}
