//! Orders of fields: as few as can order every row.

/// Which of the orders a row's fields have; a new or a longer one where none fits.
pub(super) fn place(orders: &mut Vec<Vec<String>>, keys: &[&str]) -> usize {
    for (index, order) in orders.iter_mut().enumerate() {
        if let Some(longer) = merged(order, keys) {
            *order = longer;
            return index;
        }
    }
    orders.push(keys.iter().map(|key| (*key).to_owned()).collect());
    orders.len() - 1
}

/// The order with the keys that it lacks, each behind the one that it follows; none if the orders contradict each other.
fn merged(order: &[String], keys: &[&str]) -> Option<Vec<String>> {
    let mut order = order.to_vec();
    let mut next = 0;
    for key in keys {
        match order.iter().position(|known| known == key) {
            Some(at) if at < next => return None,
            Some(at) => next = at + 1,
            None => {
                order.insert(next, (*key).to_owned());
                next += 1;
            }
        }
    }
    Some(order)
}

/// Sorts fields by an order; those that it does not know come last, by name.
pub(super) fn sort(fields: &mut [(String, String)], order: &[String]) {
    let rank = |key: &str| order.iter().position(|known| known == key).unwrap_or(usize::MAX);
    fields.sort_by(|a, b| (rank(&a.0), &a.0).cmp(&(rank(&b.0), &b.0)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_grows_until_it_is_contradicted() {
        let mut orders = Vec::new();
        assert_eq!(place(&mut orders, &["a", "c", "d"]), 0);
        assert_eq!(place(&mut orders, &["a", "b", "d"]), 0);
        assert_eq!(place(&mut orders, &["d", "a"]), 1);
        assert_eq!(place(&mut orders, &["c", "d", "e"]), 0);
        for (order, keys) in [(0, vec!["a", "c", "d"]), (0, vec!["a", "b", "d"]), (1, vec!["d", "a"])] {
            let mut fields: Vec<(String, String)> =
                keys.iter().rev().map(|key| ((*key).to_owned(), String::new())).collect();
            sort(&mut fields, &orders[order]);
            assert_eq!(fields.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), keys);
        }
    }
}
