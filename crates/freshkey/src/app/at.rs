//! The path of a route.

use leptos_router::{PartialPathMatch, PathSegment, PossibleRouteMatch};

/// The path of a route, with names for its parameters: `/reports/:id`. The router's `path!` does the same, but with a
/// type per number of segments, and each such type adds a kilobyte to what every user downloads.
///
/// ```
/// # use leptos::prelude::*;
/// # use leptos_router::components::{FlatRoutes, Route};
/// # #[component] fn Report() -> impl IntoView {}
/// # #[component] fn Pages() -> impl IntoView { view! { <FlatRoutes fallback=|| ()>
/// <Route path=freshkey::app::At("/reports/:id") view=Report />
/// # </FlatRoutes> } }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct At(pub &'static str);

impl At {
    fn segments(self) -> impl Iterator<Item = &'static str> {
        self.0.split('/').filter(|segment| !segment.is_empty())
    }
}

impl PossibleRouteMatch for At {
    fn optional(&self) -> bool {
        false
    }

    fn test<'a>(&self, path: &'a str) -> Option<PartialPathMatch<'a>> {
        let (mut rest, mut params) = (path, Vec::new());
        for segment in self.segments() {
            let from = rest.strip_prefix('/').unwrap_or(rest);
            let (found, left) = from.split_at(from.find('/').unwrap_or(from.len()));
            match segment.strip_prefix(':') {
                Some(name) if !found.is_empty() => params.push((name.into(), found.to_owned())),
                None if found == segment => {}
                _ => return None,
            }
            rest = left;
        }
        Some(PartialPathMatch::new(rest, params, &path[..path.len() - rest.len()]))
    }

    fn generate_path(&self, path: &mut Vec<PathSegment>) {
        let before = path.len();
        path.extend(self.segments().map(|segment| match segment.strip_prefix(':') {
            Some(name) => PathSegment::Param(name.into()),
            None => PathSegment::Static(segment.into()),
        }));
        if path.len() == before {
            path.push(PathSegment::Static("/".into()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use leptos_router::path;

    /// Returns the matched part, the remaining part, and the values.
    fn tested(route: &impl PossibleRouteMatch, path: &str) -> Option<(String, String, Vec<String>)> {
        let found = route.test(path)?;
        let (matched, rest) = (found.matched().to_owned(), found.remaining().to_owned());
        Some((matched, rest, found.params().into_iter().map(|(name, value)| format!("{name}={value}")).collect()))
    }

    /// Returns the values if the route matches the whole path.
    fn whole(route: &impl PossibleRouteMatch, path: &str) -> Option<Vec<String>> {
        tested(route, path).filter(|(_, rest, _)| rest.is_empty() || rest == "/").map(|(.., params)| params)
    }

    #[test]
    fn it_matches_what_the_routers_own_paths_match() {
        for path in
            ["/", "", "/app", "/app/", "/apples", "/app/admin", "/app/admin/users/7", "/app/admin/users/", "/a/b/c/d/e"]
        {
            assert_eq!(whole(&At("/"), path), whole(&path!("/"), path), "/ {path:?}");
            assert_eq!(whole(&At("/app"), path), whole(&path!("/app"), path), "/app {path:?}");
            assert_eq!(whole(&At("/app/admin"), path), whole(&path!("/app/admin"), path), "/app/admin {path:?}");
            let (own, routers) = (At("/app/admin/users/:id"), path!("/app/admin/users/:id"));
            assert_eq!(whole(&own, path), whole(&routers, path), "users {path:?}");
        }
        assert_eq!(whole(&At("/app/admin/users/:id"), "/app/admin/users/7"), Some(vec!["id=7".to_owned()]));
    }

    #[test]
    fn it_is_listed_as_the_routers_own_paths_are() {
        let listed = |route: &dyn PossibleRouteMatch| {
            let mut segments = Vec::new();
            route.generate_path(&mut segments);
            segments
        };
        assert_eq!(listed(&At("/app/admin/users/:id")), listed(&path!("/app/admin/users/:id")));
        assert_eq!(listed(&At("/")), [PathSegment::Static("/".into())]);
    }
}
