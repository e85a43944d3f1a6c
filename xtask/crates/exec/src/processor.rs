//! Processor time of programs that were run, for those who want to know what something costs.

use std::time::Duration;

/// Ticks a second in `/proc`, the same on every architecture that Linux shows them on (`USER_HZ`).
const TICKS: u64 = 100;
/// Where `cutime` stands behind the name of the program, see proc_pid_stat(5).
const CHILDREN: usize = 13;

/// Processor time that children of this process took, and theirs, as far as somebody waited for their end.
/// None where the system does not tell.
pub fn children_time() -> Option<Duration> {
    parse(&fs_err::read_to_string("/proc/self/stat").ok()?)
}

/// The name is in parentheses and may hold anything, more parentheses as well.
fn parse(stat: &str) -> Option<Duration> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(CHILDREN).map(str::parse::<u64>);
    let ticks = fields.next()?.ok()? + fields.next()?.ok()?;
    Some(Duration::from_millis(ticks * 1000 / TICKS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_spaces_and_parentheses_hides_nothing() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194560 90 120 0 0 3 4 250 150 20 0 1 0 12345 0 0";
        assert_eq!(parse(stat), Some(Duration::from_secs(4)));
        assert_eq!(parse("7 (sh) S 1"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn children_cost_something_once_they_have_ended() {
        let before = children_time().unwrap();
        let mut busy = std::process::Command::new("sh");
        busy.args(["-c", "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done"]);
        assert!(halt::Run::new(busy).status().unwrap().success());
        assert!(children_time().unwrap() > before);
    }
}
