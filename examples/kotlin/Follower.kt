// Follow an object with ExecuTorch on Android. Not compiled in our tests: written against the documented API of
// org.pytorch:executorch-android.
//
//   mobilevos export lite0 --to executorch --size 256x448 -o model/     (put the .pte files where the app can read them)
//
//   val follower = Follower("/data/.../model", 256, 448)
//   follower.start(bitmap, mask)             // mask: 64 x 112 floats in 0..1, a quarter of the size
//   val mask = follower.step(nextBitmap)     // 64 x 112 probabilities; enlarge them over the picture
package com.example.mobilevos

import android.graphics.Bitmap
import org.pytorch.executorch.EValue
import org.pytorch.executorch.Module
import org.pytorch.executorch.Tensor

class Follower(folder: String, private val height: Int, private val width: Int) {
    private val query = Module.load("$folder/query.pte")
    private val read = Module.load("$folder/read.pte")
    private val memorise = Module.load("$folder/memorise.pte")
    private val maskShape = longArrayOf(1, height / 4L, width / 4L)

    // What query gives, in the order that model.json lists: key, decoder16, decoder8, decoder4, value8, value16, and of
    // networks with target models descriptor.
    private class Memory(val key: EValue, val value: EValue)

    private var first: Memory? = null
    private var previous: Memory? = null
    private var classifier: EValue? = null
    private lateinit var masks: FloatArray

    /** Begin with a frame and the object's mask at a quarter of the model's size. */
    fun start(frame: Bitmap, mask: FloatArray) {
        masks = mask
        val features = query.forward(pixels(frame))
        first = remember(features)
        previous = first
        classifier = features.getOrNull(6)?.let { descriptor ->
            val found = classifierOf(descriptor.toTensor().dataAsFloatArray, mask, height / 4, width / 4)
            EValue.from(Tensor.fromBlob(found, longArrayOf(1, found.size.toLong())))
        }
    }

    /** Probabilities of the object in the next frame, at a quarter of the model's size. */
    fun step(frame: Bitmap): FloatArray {
        val start = checkNotNull(first) { "call start before step" }
        val last = checkNotNull(previous)
        val features = query.forward(pixels(frame))
        val prior = EValue.from(Tensor.fromBlob(masks, maskShape))
        val memory = listOf(start.key, start.value, last.key, last.value, prior) + listOfNotNull(classifier)
        val found = read.forward(*(features.take(4) + features.drop(6) + memory).toTypedArray())
        masks = found[0].toTensor().dataAsFloatArray
        // A frame without the object would teach the memory that there is only background.
        if (masks.any { it > 0.5f }) previous = remember(features)
        return masks
    }

    private fun remember(features: Array<EValue>): Memory {
        val given = EValue.from(Tensor.fromBlob(masks, maskShape))
        return Memory(kept(features[0]), kept(memorise.forward(features[4], features[5], given)[0]))
    }

    /** A copy: the next run writes to the same memory. */
    private fun kept(value: EValue): EValue {
        val tensor = value.toTensor()
        return EValue.from(Tensor.fromBlob(tensor.dataAsFloatArray, tensor.shape()))
    }

    /** (1, 3, height, width), RGB, 0..255. */
    private fun pixels(frame: Bitmap): EValue {
        val scaled = Bitmap.createScaledBitmap(frame, width, height, true)
        val colours = IntArray(height * width)
        scaled.getPixels(colours, 0, width, 0, 0, width, height)
        val planes = FloatArray(3 * colours.size)
        for (index in colours.indices) {
            planes[index] = (colours[index] shr 16 and 255).toFloat()
            planes[colours.size + index] = (colours[index] shr 8 and 255).toFloat()
            planes[2 * colours.size + index] = (colours[index] and 255).toFloat()
        }
        return EValue.from(Tensor.fromBlob(planes, longArrayOf(1, 3, height.toLong(), width.toLong())))
    }
}
