// A sequence of pictures as a source of frames.

import { t } from "../texts/texts.js";

const FPS = 24;
const THUMBNAIL_HEIGHT = 80;
const inOrder = new Intl.Collator("en", { numeric: true });

/**
 * @param {File[]} files of which the pictures are taken, ordered by name as people number them
 * @throws {Error} no picture among them, or the first one cannot be read
 */
export async function openImages(files) {
  const pictures = files.filter((file) => /^image\/(jpeg|png|webp|avif|bmp|gif)$/.test(file.type));
  if (!pictures.length) throw new Error(t("noPictures"));
  pictures.sort((a, b) => inOrder.compare(a.webkitRelativePath || a.name, b.webkitRelativePath || b.name));
  const source = new Images(pictures);
  const first = await source.read(0);
  [source.width, source.height] = [first.width, first.height];
  first.close();
  return source;
}

class Images {
  live = false;
  exact = true;
  fps = FPS;

  constructor(files) {
    this.files = files;
    this.count = files.length;
    this.name = files.length === 1 ? files[0].name : t("pictureCount", { count: files.length });
  }

  async frame(index) {
    const image = await this.read(index);
    if (image.width === this.width && image.height === this.height) return image;
    const { width, height } = image;
    image.close();
    throw new Error(t("pictureSize", { name: this.files[index].name, width, height, firstWidth: this.width, firstHeight: this.height }));
  }

  async read(index) {
    try {
      return await createImageBitmap(this.files[index]);
    } catch {
      throw new Error(t("pictureDamaged", this.files[index]));
    }
  }

  time(index) {
    return index / FPS;
  }

  duration() {
    return 1 / FPS;
  }

  thumbnail(index) {
    return createImageBitmap(this.files[index], { resizeHeight: THUMBNAIL_HEIGHT, resizeQuality: "medium" });
  }

  sound() {
    return null;
  }

  stem(index) {
    return this.files[index].name.replace(/\.[^.]*$/, "");
  }

  close() {}
}
