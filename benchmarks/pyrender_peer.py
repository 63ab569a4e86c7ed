"""The peer: pyrender over EGL, used as a careful user would. pyrender 0.1.45 needs a small shim on NumPy 2."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import trimesh
from numpy.typing import NDArray

if TYPE_CHECKING:
    from faces.mesh import HeadMesh
    from headsets.headset import Headset


class MissingPeerError(RuntimeError):
    """pyrender or a system library that it needs is not installed; the message names the package."""


def load_pyrender():
    """Import pyrender on EGL.

    Raises:
        MissingPeerError: the Python or Debian package that is missing.
    """
    os.environ["PYOPENGL_PLATFORM"] = "egl"
    np.__dict__.setdefault("infty", np.inf)  # gone in NumPy 2
    try:
        import pyrender
    except ImportError as error:
        if "EGL" in str(error) or "libGL" in str(error):
            raise MissingPeerError("EGL is missing: apt-get install libegl1 libgl1 libgl1-mesa-dri") from error
        raise MissingPeerError(f"{error}: pip install 'hmcsim[bench]'") from error
    except AttributeError as error:  # PyOpenGL finds no library and dereferences None
        raise MissingPeerError("EGL is missing: apt-get install libegl1 libgl1 libgl1-mesa-dri") from error
    return pyrender


class PyrenderPeer:
    """One window and one scene for all frames, one mesh for all cameras of a frame.

    LEDs are spot lights, the lights of pyrender's that have a direction, without shadows; radiance is 8-bit colour.
    pyrender has no lens but the pinhole: its camera gets the focal length of ours.
    """

    def __init__(self, headset: Headset, mesh: HeadMesh) -> None:
        pyrender = load_pyrender()
        self._pyrender = pyrender
        self._headset = headset
        first = next(iter(headset.cameras.values()))
        self._renderer = pyrender.OffscreenRenderer(first.width_px, first.height_px)
        self._scene = pyrender.Scene(ambient_light=[0.0, 0.0, 0.0])
        for led in headset.leds.values():
            light = pyrender.SpotLight(
                color=np.ones(3), intensity=led.radiant_intensity_w_sr, innerConeAngle=0.3, outerConeAngle=1.5
            )
            pose = led.T_device_led.as_matrix() @ np.diag([1.0, -1.0, -1.0, 1.0])  # OpenGL's lights shine along -z
            self._scene.add(light, pose=pose)
        self._material = pyrender.MetallicRoughnessMaterial(
            baseColorFactor=(0.56, 0.56, 0.56, 1.0), metallicFactor=0.0, roughnessFactor=0.6
        )
        self._mesh = self._scene.add(self._solid(mesh))
        self._camera = self._scene.add(self._view(first.lens), pose=np.eye(4))

    def _solid(self, mesh: HeadMesh):
        solid = trimesh.Trimesh(mesh.vertices, mesh.triangles, vertex_normals=mesh.normals, process=False)
        return self._pyrender.Mesh.from_trimesh(solid, material=self._material, smooth=True)

    def _view(self, lens):
        focal = getattr(lens, "fx_px", lens.width_px / 2)
        return self._pyrender.IntrinsicsCamera(
            focal, focal, lens.width_px / 2, lens.height_px / 2, znear=0.005, zfar=1.0
        )

    def frame(self, mesh: HeadMesh) -> list[NDArray[np.uint8]]:
        """Colour images of all cameras; the mesh is a new one each time, for the face moves from frame to frame."""
        self._scene.remove_node(self._mesh)
        self._mesh = self._scene.add(self._solid(mesh))
        images = []
        for camera in self._headset.cameras.values():
            pose = camera.T_device_camera.as_matrix() @ np.diag([1.0, -1.0, -1.0, 1.0])  # OpenCV to OpenGL
            self._scene.set_pose(self._camera, pose)
            images.append(self._renderer.render(self._scene)[0])
        return images

    def gl(self) -> str:
        """What OpenGL runs on."""
        from OpenGL import GL

        self._renderer._platform.make_current()
        return GL.glGetString(GL.GL_RENDERER).decode()

    def close(self) -> None:
        """Free the window."""
        self._renderer.delete()
