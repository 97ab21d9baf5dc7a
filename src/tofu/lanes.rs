//! Work on several files at once, in an order of its own and with results in theirs.

/// Maps items on as many threads as there are processors, keeping their order; the first error in order is the result.
pub(super) fn side_by_side<T: Send, R: Send, E: Send>(
    items: Vec<T>,
    work: impl Fn(T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(items.len());
    if threads <= 1 {
        return items.into_iter().map(work).collect();
    }
    let mut lanes: Vec<Vec<(usize, T)>> = (0..threads).map(|_| Vec::new()).collect();
    for (at, item) in items.into_iter().enumerate() {
        lanes[at % threads].push((at, item));
    }
    let mut done: Vec<(usize, Result<R, E>)> = std::thread::scope(|scope| {
        let work = &work;
        let running: Vec<_> = lanes
            .into_iter()
            .map(|lane| scope.spawn(move || lane.into_iter().map(|(at, item)| (at, work(item))).collect::<Vec<_>>()))
            .collect();
        running.into_iter().flat_map(|lane| lane.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}
