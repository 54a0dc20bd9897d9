//! The card around a page's only form.

use super::{FormAlert, Icon, Shape};
use crate::app::brand::Brand;
use leptos::prelude::*;

/// The error of a form in a card. The card shows it in its head, where there is room for it.
#[derive(Clone, Copy)]
pub(super) struct CardError(pub(super) RwSignal<Option<String>>);

/// The card: the mark, a title, a line on what the form is for, the form, and a footer. An error of the form takes
/// the place of that line, so that nothing moves.
///
/// ```
/// # use freshkey::app::components::FormCard;
/// # use leptos::prelude::*;
/// #[component]
/// fn Forgot() -> impl IntoView {
///     let message = RwSignal::new(None);
///     view! {
///         <FormCard title="Forgot your password?" lead="We'll email you a code." message
///             foot=|| view! { <a href="/login">"Back to sign in"</a> }>
///             <form class="form" method="post">"…"</form>
///         </FormCard>
///     }
/// }
/// ```
#[component]
pub fn FormCard(
    /// The page's heading.
    #[prop(into)]
    title: String,
    /// What the form is for, in a line or two.
    #[prop(optional, into)]
    lead: String,
    /// A notice that replaces `lead` while there is one.
    #[prop(optional, into)]
    notice: Option<ViewFnOnce>,
    /// The error of the form as a whole, shown with the role `alert` in the place of `lead`. A
    /// [`CallForm`](super::CallForm) sets it by itself.
    #[prop(optional, into)]
    message: Signal<Option<String>>,
    /// The card's footer, with a link to the other form.
    #[prop(optional, into)]
    foot: Option<ViewFnOnce>,
    /// Small print below the card.
    #[prop(optional, into)]
    note: Option<ViewFnOnce>,
    /// The form, and other ways to sign in.
    children: Children,
) -> impl IntoView {
    let of_form = RwSignal::new(None);
    provide_context(CardError(of_form));
    let message = Signal::derive(move || message.get().or_else(|| of_form.get()));
    view! {
        <section class="card">
            <div class="card-sheet">
                <div class="card-body">
                    <div class="card-mark">{(Brand::get_context().mark)()}</div>
                    <h1><bdi>{title}</bdi></h1>
                    <div class="card-head">
                        {(!lead.is_empty()).then(|| view! { <p>{lead}</p> }.into_any())}
                        {notice.map(ViewFnOnce::run)}
                        <FormAlert message />
                    </div>
                    {children()}
                </div>
                {foot.map(|foot| view! { <p class="card-foot">{foot.run()}</p> }.into_any())}
            </div>
            {note.map(|note| view! {
                <p class="card-note"><Icon shape=Shape::Shield /><span>{note.run()}</span></p>
            }.into_any())}
        </section>
    }
}
