// Fills in index.html, before the rest of the page is there.
import { speak } from "./texts.js";

speak(document);
