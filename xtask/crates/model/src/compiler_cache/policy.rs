//! What a run may do with the compiler cache that machines share.
//!
//! What it hands out is named by what was compiled, and nothing says that it came of that: whoever may write it could have
//! put anything there. So what anybody may have written is in nothing that is published.

use crate::event::{Event, Publish, Trigger, decide};

/// What a run may do with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemoteUse {
    /// It is read and written.
    ReadWrite,
    /// It is read: what this run compiles, nobody reviewed.
    ReadOnly,
    /// Neither: what this run makes is published, and others may have written there.
    None,
}

/// Decides it. `push` is the user's own `--push`, `trusted` what the manifest says of who may write it.
pub fn remote_use(event: &Event, push: bool, trusted: bool) -> RemoteUse {
    let decision = decide(event, push);
    let is_published = decision.cache.write || decision.publish == Publish::Released;
    match event.trigger {
        _ if is_published && trusted => RemoteUse::ReadWrite,
        _ if is_published => RemoteUse::None,
        Trigger::Local => RemoteUse::ReadWrite,
        _ => RemoteUse::ReadOnly,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{GitRef, Head};

    #[test]
    fn what_is_published_reads_nothing_that_others_may_have_written() {
        let used = |trigger: Trigger, push: bool, trusted: bool| {
            let default_branch = Some("main".to_owned());
            let event = Event { trigger, commit: None, default_branch, protected: false, run: None };
            remote_use(&event, push, trusted)
        };
        let branch = |name: &str| Trigger::Push(GitRef::Branch(name.to_owned()));
        let request = |head| Trigger::PullRequest { number: None, head };
        for (push, trusted, wanted) in [
            (false, false, RemoteUse::None),
            (true, false, RemoteUse::None),
            (false, true, RemoteUse::ReadWrite),
            (true, true, RemoteUse::ReadWrite),
        ] {
            assert_eq!(used(branch("main"), push, trusted), wanted);
        }
        for trusted in [false, true] {
            for push in [false, true] {
                for trigger in [
                    branch("topic"),
                    request(Head::Same),
                    request(Head::Fork),
                    Trigger::MergeGroup,
                    Trigger::Unknown { reason: String::new() },
                ] {
                    assert_eq!(used(trigger, push, trusted), RemoteUse::ReadOnly);
                }
            }
            assert_eq!(used(Trigger::Local, false, trusted), RemoteUse::ReadWrite);
        }
        assert_eq!(used(Trigger::Local, true, false), RemoteUse::None);
        assert_eq!(used(Trigger::Local, true, true), RemoteUse::ReadWrite);
    }
}
