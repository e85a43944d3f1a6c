//! The decision.

use super::question::Call;
use super::{
    Action, Answer, BuildReason, Candidate, Decided, Float, IdleReason, Merge, Occasion, Question, Queue,
    There,
};
use crate::names::{Group, TagSuffix};
use crate::unit::UnitId;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of floating requirements, by unit.
type Floats = BTreeMap<UnitId, Float>;

/// Decides about every unit, in the order of the candidates, and about every published image, in the order of the groups.
///
/// `floats` matters for units whose own image is not there; nothing is taken for granted of those that it does not name.
pub fn decide(question: &Question<'_>, there: &There, floats: &Floats) -> Queue {
    let legs = question.legs();
    let action = |candidate: &Candidate| match question.call(candidate, &legs) {
        Call::Wanted => wanted(question, candidate, there, floats),
        Call::Leg(suffix) => leg(candidate, suffix, there, floats),
        Call::Idle if question.occasion == Occasion::Refresh => Action::Untouched { why: IdleReason::Locked },
        Call::Idle => Action::Untouched { why: IdleReason::Unchanged },
    };
    let decided = |candidate: &Candidate| Decided {
        unit: candidate.unit.clone(),
        key: candidate.key.clone(),
        action: action(candidate),
    };
    let units: Vec<Decided> = question.candidates.iter().map(decided).collect();
    let merges = merges(question, &units);
    let warnings = there.silence.iter().map(|why| format!("{why}; what it did not answer for is built"));
    Queue { occasion: question.occasion, warnings: warnings.collect(), units, merges }
}

fn wanted(question: &Question<'_>, candidate: &Candidate, there: &There, floats: &Floats) -> Action {
    let build = |why| Action::Build { why };
    if question.force {
        return build(BuildReason::Forced);
    }
    let Some(key) = &candidate.key else { return build(BuildReason::NoKey) };
    match there.of(key) {
        Answer::Present(image) if question.occasion == Occasion::Release => {
            Action::Retag { image: image.clone() }
        }
        Answer::Present(image) => Action::Reuse { image: image.clone() },
        Answer::Absent => floated(candidate, floats).unwrap_or(build(BuildReason::Absent(key.clone()))),
        Answer::Unknown => build(BuildReason::Unasked),
    }
}

/// A unit that the change does not touch, and that is merged with one that it does: without its image, the merge would
/// publish nothing, or an image that lost a platform.
fn leg(candidate: &Candidate, suffix: &TagSuffix, there: &There, floats: &Floats) -> Action {
    let build = |why| Action::Build { why };
    let Some(key) = &candidate.key else { return build(BuildReason::NoKey) };
    match there.of(key) {
        Answer::Present(_) => Action::Untouched { why: IdleReason::Leg },
        Answer::Absent => floated(candidate, floats).unwrap_or(build(BuildReason::Leg(suffix.clone()))),
        Answer::Unknown => build(BuildReason::Unasked),
    }
}

fn floated(candidate: &Candidate, floats: &Floats) -> Option<Action> {
    let float = floats.get(&candidate.unit).filter(|_| candidate.floats())?;
    Some(match float {
        Float::Same(image) => Action::Carry { image: image.clone() },
        Float::Changed(what) => Action::Build { why: BuildReason::Floated(what.clone()) },
        Float::Unknown(why) => Action::Build { why: BuildReason::FloatUnknown(why.clone()) },
    })
}

fn merges(question: &Question<'_>, units: &[Decided]) -> Vec<Merge> {
    let built: BTreeSet<&UnitId> =
        units.iter().filter(|decided| decided.action.is_build()).map(|decided| &decided.unit).collect();
    let is_wanted = |group: &&Group| match question.occasion {
        Occasion::Check => false,
        Occasion::Change => question.touches(group),
        Occasion::Release => true,
        // What was there before was merged when it was built.
        Occasion::Refresh => group.units().any(|unit| built.contains(unit)),
    };
    let merge = |group: &Group| Merge {
        suffix: group.suffix.clone(),
        built: group.units().filter(|unit| built.contains(unit)).map(|unit| unit.platform).collect(),
        platforms: group.platforms().collect(),
    };
    question.merged().filter(is_wanted).map(merge).collect()
}
