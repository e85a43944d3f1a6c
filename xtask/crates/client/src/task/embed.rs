//! Turns texts into vectors.

use crate::proto::PredictOptions;
use crate::{Client, Error, Result};

/// One vector for each input, in order; all of one dimension.
pub async fn embed(client: &mut Client, inputs: &[String]) -> Result<Vec<Vec<f32>>> {
    let mut vectors: Vec<Vec<f32>> = Vec::new();
    for input in inputs {
        let request = PredictOptions { embeddings: input.clone(), ..Default::default() };
        let answer = client.backend.embedding(request).await.map_err(Error::call("embedding"))?;
        vectors.push(answer.into_inner().embeddings);
    }
    let dimension = vectors.first().map_or(0, Vec::len);
    if dimension == 0 || vectors.iter().any(|vector| vector.len() != dimension) {
        return Err(Error::Broken("the vectors are empty or differ in dimension".into()));
    }
    if vectors.iter().flatten().any(|number| !number.is_finite()) {
        return Err(Error::Broken("a vector holds a number that is not finite".into()));
    }
    Ok(vectors)
}

/// The cosine of the angle between two vectors; 0 where one has length 0.
pub fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |x: &[f32], y: &[f32]| -> f32 { x.iter().zip(y).map(|(x, y)| x * y).sum() };
    let lengths = (dot(a, a) * dot(b, b)).sqrt();
    if lengths > 0.0 { dot(a, b) / lengths } else { 0.0 }
}
