# `make` lists the targets. `make run` and `make test` need Rust; scripts/setup.sh installs the tools they
# use, once.

CLIENT := --workspace --exclude freshkey-core --target wasm32-unknown-unknown --no-default-features --features hydrate --target-dir target/front
RUN    := scripts/setup.sh run
BUILT  := target/release/.built

.PHONY: help run watch build test docs reference bench fmt setup clean new-app test-new-app \
	lint lint-fmt lint-server lint-client lint-e2e lint-docs test-server test-postgres test-deploy test-openapi test-client test-e2e test-engines deny

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: ## build and start the app on http://localhost:3000
	@$(RUN) cargo leptos serve

watch: ## run, show edits of views at once, and rebuild at every change
	@$(RUN) cargo leptos watch --hot-reload

build: $(BUILT) ## the release: target/release/freshkey and target/site

# Depends on target/site as well as the sources: a debug build puts its own files there.
$(BUILT): Cargo.toml Cargo.lock .cargo/config.toml $(shell find build.rs src migrations crates/*/src crates/*/migrations crates/*/Cargo.toml style public -type f 2>/dev/null) \
		$(wildcard target/release/freshkey target/site target/site/pkg)
	@scripts/setup.sh build env LEPTOS_HASH_FILES=true cargo leptos build --release --precompress \
		--split --lib-features split
	@touch $@

test: ## every check and test there is, with one line of totals
	@scripts/setup.sh test scripts/test.sh \
		lint-fmt lint-e2e deny lint-server lint-client lint-docs test-server test-new-app test-postgres test-deploy test-openapi test-client build test-e2e test-engines

new-app: ## an app of your own: make new-app NAME=shop DIR=../shop
	@scripts/new-app.sh "$(NAME)" "$(DIR)"

docs: ## the documentation as a site: target/docs
	@scripts/setup.sh docs scripts/docs.sh

reference: ## write docs/reference anew, from the code
	FRESHKEY_WRITE_DOCS=1 cargo test -p starter --test server reference

bench: ## the benchmarks
	@scripts/setup.sh test scripts/with-services.sh cargo bench

fmt: ## format the code
	cargo fmt --all
	@scripts/setup.sh test npm run --prefix end2end fmt

lint: lint-fmt lint-server lint-client lint-docs lint-e2e ## every check that runs no test

lint-fmt:
	cargo fmt --all --check

lint-server:
	cargo clippy --workspace --all-targets -- -D warnings

lint-client:
	@$(RUN) cargo clippy --lib $(CLIENT) -- -D warnings
	@$(RUN) cargo clippy --lib $(CLIENT) --features split -- -D warnings

lint-docs:
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --lib

lint-e2e:
	@scripts/setup.sh test npm run --prefix end2end lint

test-server: ## the tests of the server, on SQLite
	@scripts/setup.sh test scripts/with-services.sh cargo test --workspace

test-new-app: ## make an app of its own, and update the library under it
	@$(RUN) scripts/test-new-app.sh

test-postgres: ## the tests of the store and of the server over HTTP, on Postgres
	@scripts/setup.sh test env FRESHKEY_TEST_DATABASE=postgres scripts/with-services.sh cargo test --workspace --lib --test server

test-deploy: ## deploy/ in use: nginx with TLS, two instances, a rolling update
	@cargo test --workspace --lib --test server --no-run
	@scripts/setup.sh test scripts/with-services.sh scripts/test-deploy.sh

test-openapi: ## the server against its own description, asked by a property-based tester
	@scripts/setup.sh test scripts/openapi.sh

test-client: ## the tests of the browser code, in a browser
	@scripts/setup.sh test env CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=wasm-bindgen-test-runner \
		cargo test --lib $(CLIENT)

test-e2e: build ## the tests of the whole app, in a browser
	@scripts/setup.sh test npm test --prefix end2end

test-engines: build ## the main flows in Firefox and WebKitGTK, and a picture of each page: target/engines
	@scripts/setup.sh engines npm run --prefix end2end engines

deny: ## licences, sources and known vulnerabilities of the dependencies
	@scripts/setup.sh test scripts/deny.sh

setup: ## install every tool the other targets need
	@scripts/setup.sh test

clean: ## remove what was built, not the tools
	cargo clean
	rm -rf end2end/node_modules end2end/test-results end2end/playwright-report
