//! What Linux tells of this process's memory; elsewhere, and without /proc, the numbers are 0.

use crate::proto::MemoryUsageData;

pub fn usage() -> MemoryUsageData {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let breakdown = [("peak".to_owned(), bytes(&text, "VmHWM:"))].into();
    MemoryUsageData { total: bytes(&text, "VmRSS:"), breakdown }
}

fn bytes(text: &str, name: &str) -> u64 {
    let kilobytes =
        text.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

#[cfg(test)]
mod tests {
    #[test]
    fn reads_kilobytes_and_forgives_what_is_missing() {
        assert_eq!(super::bytes("Name:\tx\nVmRSS:\t  12 kB\n", "VmRSS:"), 12 * 1024);
        assert_eq!(super::bytes("", "VmRSS:"), 0);
    }
}
