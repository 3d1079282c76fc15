// What pages can do with a script: panes that move together, and the camera. Without it, everything else works.

const STEP = 40, ZOOM = 1.25, TURN = 5, MOST = 16, LEAST = 0.5;

/** Both panes of a case: pan, zoom and rotate, together or each by itself; contrast, brightness, invert, drawings. */
function panes(root) {
  const sheets = new Map([...root.querySelectorAll("[data-pane]")].map((pane) => [pane, { x: 0, y: 0, scale: 1, turn: 0 }]));
  const tools = document.querySelector("[data-tools]");
  const look = { contrast: 100, brightness: 100 };
  let locked = true, active = sheets.keys().next().value;
  tools.hidden = false;

  const show = (pane) => {
    const { x, y, scale, turn } = sheets.get(pane);
    pane.querySelector(".sheet").style.transform = `translate(${x}px, ${y}px) rotate(${turn}deg) scale(${scale})`;
  };
  const change = (pane, how) => {
    for (const each of locked ? sheets.keys() : [pane]) { how(sheets.get(each)); show(each); }
  };
  const zoom = (by) => (at) => {
    const scale = Math.min(MOST, Math.max(LEAST, at.scale * by)), real = scale / at.scale;
    Object.assign(at, { scale, x: at.x * real, y: at.y * real });
  };
  const move = (x, y) => (at) => { at.x += x; at.y += y; };
  const actions = {
    in: zoom(ZOOM), out: zoom(1 / ZOOM),
    left: (at) => { at.turn -= TURN; }, right: (at) => { at.turn += TURN; },
    reset: (at) => Object.assign(at, { x: 0, y: 0, scale: 1, turn: 0 }),
  };
  const keys = {
    ArrowLeft: move(STEP, 0), ArrowRight: move(-STEP, 0), ArrowUp: move(0, STEP), ArrowDown: move(0, -STEP),
    "+": actions.in, "=": actions.in, "-": actions.out, "[": actions.left, "]": actions.right, 0: actions.reset,
  };

  for (const pane of sheets.keys()) {
    pane.addEventListener("focus", () => { active = pane; });
    pane.addEventListener("keydown", (event) => {
      const action = !event.ctrlKey && !event.metaKey && !event.altKey && keys[event.key];
      if (action) { event.preventDefault(); change(pane, action); }
    });
    pane.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && document.activeElement !== pane) return; // the page scrolls, until a picture is chosen
      event.preventDefault();
      change(pane, zoom(event.deltaY < 0 ? ZOOM : 1 / ZOOM));
    }, { passive: false });
    pane.addEventListener("pointerdown", (event) => { pane.setPointerCapture(event.pointerId); pane.focus(); });
    pane.addEventListener("pointermove", (event) => {
      if (pane.hasPointerCapture(event.pointerId)) change(pane, move(event.movementX, event.movementY));
    });
    pane.addEventListener("dragstart", (event) => event.preventDefault());
  }
  tools.addEventListener("click", (event) => {
    const { tool, toggle } = event.target.dataset;
    if (tool) change(active, actions[tool]);
    if (!toggle) return;
    const on = event.target.getAttribute("aria-pressed") !== "true";
    event.target.setAttribute("aria-pressed", on);
    if (toggle === "lock") locked = on;
    else root.classList.toggle(toggle === "invert" ? "invert" : `show-${toggle}`, on);
    tint();
  });
  tools.addEventListener("input", (event) => { look[event.target.dataset.range] = event.target.value; tint(); });
  const tint = () => {
    const inverted = root.classList.contains("invert") ? " invert(1)" : "";
    for (const image of root.querySelectorAll("img")) {
      image.style.filter = `contrast(${look.contrast}%) brightness(${look.brightness}%)${inverted}`;
    }
  };
}

/** As long as somebody works on a case, its lease and the login are renewed, at most once a minute. */
function renewing(form) {
  const EVERY = 60_000;
  let last = Date.now();
  const renew = () => {
    if (Date.now() - last < EVERY) return;
    last = Date.now();
    const said = new URLSearchParams({ form_token: form.elements.form_token.value, quiet: "1", role: form.dataset.role });
    fetch(form.dataset.renew, { method: "POST", body: said, redirect: "error" }).catch(() => {});
  };
  for (const kind of ["keydown", "pointerdown"]) document.addEventListener(kind, renew);
}

/** The camera: one picture for one field of files. */
function camera(view) {
  const video = view.querySelector("[data-video]"), told = document.querySelector("[data-camera-told]");
  let field = null, stream = null;
  const stop = () => { stream?.getTracks().forEach((track) => track.stop()); view.hidden = true; };
  for (const button of document.querySelectorAll("[data-camera]")) {
    button.hidden = !navigator.mediaDevices;
    button.addEventListener("click", async () => {
      field = document.getElementById(button.dataset.camera);
      try {
        stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 1280 } } });
        video.srcObject = stream;
        view.hidden = false;
        await video.play();
        view.querySelector("[data-shoot]").focus();
      } catch { told.textContent = told.dataset.failed; }
    });
  }
  view.querySelector("[data-shoot]").addEventListener("click", () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: video.videoWidth, height: video.videoHeight });
    canvas.getContext("2d").drawImage(video, 0, 0);
    canvas.toBlob((blob) => {
      const files = new DataTransfer();
      files.items.add(new File([blob], "camera.png", { type: "image/png" }));
      field.files = files.files;
      told.textContent = told.dataset.taken;
      field.focus();
      stop();
    }, "image/png");
  });
}

const has = (selector, begin) => { const found = document.querySelector(selector); if (found) begin(found); };
has("[data-panes]", panes);
has("form[data-renew]", renewing);
has("[data-camera-view]", camera);
has("#verdict-fault", (fault) => { fault.tabIndex = -1; fault.focus(); });
