"""Animal faces: 149 kinds of carnivores, cropped from ImageNet by FUNIT."""
