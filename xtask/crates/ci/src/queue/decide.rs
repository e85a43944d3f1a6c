//! The decision.

use super::question::Call;
use super::{Action, BuildReason, Candidate, Decided, Float, IdleReason, Merge, Occasion, Question, Queue};
use model::image_names::Group;
use model::key::Key;
use model::unit::UnitId;
use plan::presence::{Answers, Presence};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of floating requirements, by unit.
type Floats = BTreeMap<UnitId, Float>;

/// Decides about every unit, in the order of the candidates, and about every published image, in the order of the groups.
///
/// `floats` matters for units whose own image is not there; nothing is taken for granted of those that it does not name.
pub fn decide(question: &Question<'_>, answers: &Answers, floats: &Floats) -> Queue {
    let known = Known { question, answers, floats };
    let legs = known.legs();
    let decided = |candidate: &Candidate| Decided {
        unit: candidate.unit.clone(),
        key: candidate.key,
        action: known.action(candidate, legs.get(&candidate.unit).copied()),
    };
    let units: Vec<Decided> = question.candidates.iter().map(decided).collect();
    let merges = merges(question, &units);
    let built = match question.occasion {
        Occasion::Change | Occasion::Check => "is built where the change touches it",
        Occasion::Release | Occasion::Refresh => "is built",
    };
    let warnings = answers.silence.iter().map(|why| format!("{why}; what it did not answer for {built}"));
    Queue { occasion: question.occasion, warnings: warnings.collect(), units, merges }
}

/// All that a decision rests on.
struct Known<'a> {
    question: &'a Question<'a>,
    answers: &'a Answers,
    floats: &'a Floats,
}

impl<'a> Known<'a> {
    fn action(&self, candidate: &Candidate, leg: Option<&Group>) -> Action {
        match (self.question.call(candidate), leg) {
            (Call::Wanted, _) => self.wanted(candidate),
            (_, Some(group)) => self.leg(candidate, group),
            (Call::Spare, None) => self.spare(candidate),
            (Call::Idle, None) if self.question.occasion == Occasion::Refresh => {
                Action::Untouched { why: IdleReason::NoKey }
            }
            (Call::Idle, None) => Action::Untouched { why: IdleReason::Unchanged },
        }
    }

    fn wanted(&self, candidate: &Candidate) -> Action {
        if self.question.force {
            return Action::Build { why: BuildReason::Forced };
        }
        let Some(key) = candidate.key else { return Action::Build { why: BuildReason::NoKey } };
        match (self.answers.of_key(key), self.question.occasion) {
            (Presence::Present(image), Occasion::Release) => Action::Retag { image },
            (Presence::Present(image), _) => Action::Reuse { image },
            (Presence::Absent, Occasion::Refresh) => self.absent(candidate, left_over(candidate, key)),
            (Presence::Absent, _) => self.absent(candidate, BuildReason::Absent(key)),
            (Presence::Refused(why), _) => Action::Build { why: BuildReason::Refused(why) },
            (Presence::Unknown(_), _) => Action::Build { why: BuildReason::Unasked },
        }
    }

    /// A unit of an image that is merged, which is not what the event is about: without its image, the merge would publish
    /// nothing, or an image that lost a platform.
    fn leg(&self, candidate: &Candidate, group: &Group) -> Action {
        let Some(key) = candidate.key else { return Action::Build { why: BuildReason::NoKey } };
        match self.answers.of_key(key) {
            Presence::Present(_) => Action::Untouched { why: IdleReason::Leg },
            Presence::Absent if self.question.touches(group) => {
                self.absent(candidate, BuildReason::Leg(group.suffix.clone()))
            }
            Presence::Absent => self.absent(candidate, left_over(candidate, key)),
            Presence::Refused(why) => Action::Build { why: BuildReason::Refused(why) },
            Presence::Unknown(_) => Action::Build { why: BuildReason::Unasked },
        }
    }

    /// A unit that the change does not touch, nor what it is merged with.
    fn spare(&self, candidate: &Candidate) -> Action {
        let answer = candidate.key.map(|key| (key, self.answers.of_key(key)));
        match answer {
            Some((key, Presence::Absent)) => self.absent(candidate, left_over(candidate, key)),
            Some((_, Presence::Refused(why))) => Action::Build { why: BuildReason::Refused(why) },
            Some((_, Presence::Unknown(_))) => Action::Untouched { why: IdleReason::Unsaid },
            Some((_, Presence::Present(_))) | None => Action::Untouched { why: IdleReason::Unchanged },
        }
    }

    /// One whose image is not there: built for that reason, or for what its floating requirements come to, or not at all.
    fn absent(&self, candidate: &Candidate, why: BuildReason) -> Action {
        let float = self.floats.get(&candidate.unit).filter(|_| candidate.floats());
        match float {
            Some(Float::Same(image)) => Action::Carry { image: image.clone() },
            Some(Float::Changed(what)) => Action::Build { why: BuildReason::Floated(what.clone()) },
            Some(Float::Unknown(why)) => Action::Build { why: BuildReason::FloatUnknown(why.clone()) },
            None => Action::Build { why },
        }
    }

    /// The units of every image that a change makes anew, with the image: of those that it touches, and those of which
    /// something is built that was missing.
    fn legs(&self) -> BTreeMap<&'a UnitId, &'a Group> {
        let question = self.question;
        if question.occasion != Occasion::Change {
            return BTreeMap::new();
        }
        let missing = question
            .candidates
            .iter()
            .filter(|candidate| question.call(candidate) == Call::Spare && self.spare(candidate).is_build());
        let missing: BTreeSet<&UnitId> = missing.map(|candidate| &candidate.unit).collect();
        let anew = question
            .merged()
            .filter(|group| question.touches(group) || group.units().any(|unit| missing.contains(unit)));
        anew.flat_map(|group| group.units().map(move |unit| (unit, group))).collect()
    }
}

/// Why an image is not there that no change of now asks for. What floats has a new key whenever the bucket turns.
fn left_over(candidate: &Candidate, key: Key) -> BuildReason {
    if candidate.floats() { BuildReason::Absent(key) } else { BuildReason::Missing(key) }
}

fn merges(question: &Question<'_>, units: &[Decided]) -> Vec<Merge> {
    let built: BTreeSet<&UnitId> =
        units.iter().filter(|decided| decided.action.is_build()).map(|decided| &decided.unit).collect();
    let is_wanted = |group: &&Group| match question.occasion {
        Occasion::Check => false,
        Occasion::Release => true,
        // What was there before was merged when it was built.
        Occasion::Change | Occasion::Refresh => {
            let touched = question.occasion == Occasion::Change && question.touches(group);
            touched || group.units().any(|unit| built.contains(unit))
        }
    };
    let merge = |group: &Group| Merge {
        suffix: group.suffix.clone(),
        built: group.units().filter(|unit| built.contains(unit)).map(|unit| unit.platform).collect(),
        platforms: group.platforms().collect(),
    };
    question.merged().filter(is_wanted).map(merge).collect()
}
